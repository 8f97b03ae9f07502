/** What both pages say in the same words; the texts of a page begin with them. */
export const COMMON_EN = {
  brand: 'Baro',
  switch_language: '한국어',
  switch_label: 'Switch to Korean (한국어)',
  // A hair space: the bars of the sign touch a 4 otherwise.
  won: '₩\u200a{amount}',
  time_left: '{time} left',
  receipt_time: 'Time',
  receipt_hash: 'Transaction',
  receipt_block: 'Block',
  reason_funds: 'the account does not hold enough.',
  reason_expired: 'the approval was too old.',
  reason_bad_signature: 'the approval could not be verified.',
  reason_replay: 'this approval was used before.',
  reason_other: 'the network refused it ({code}).',
} as const

export const COMMON_KO: Readonly<Record<keyof typeof COMMON_EN, string>> = {
  brand: '바로',
  switch_language: 'English',
  switch_label: '영어로 바꾸기 (English)',
  won: '{amount}원',
  time_left: '{time} 남음',
  receipt_time: '시각',
  receipt_hash: '거래 해시',
  receipt_block: '블록',
  reason_funds: '잔액이 부족합니다.',
  reason_expired: '승인 유효 시간이 지났습니다.',
  reason_bad_signature: '승인을 확인할 수 없습니다.',
  reason_replay: '이미 사용된 승인입니다.',
  reason_other: '네트워크가 거절했습니다({code}).',
}

export type Language = 'en' | 'ko'
