import type { Hex } from 'viem'

/** The fee-delegated contract execution in Kaia's documents (build/transactions/fee-delegation.md), chain id 1. */
export const DOCUMENTED = {
  raw: [
    '0x31f8fb8204d219830f4240947b65b75d204abed71587c9e519a89277766ee1d00a94a94f5374fce5edbc8e2a8697c15331677e6ebf0b',
    'a46353586b000000000000000000000000bc5951f055a85f41a3b62fd6f68ab7de76d299b2f845f84325a0253aea7d2c37160da45e84af',
    'bb45f6b3341cf1e8fc2df4ecc78f14adb512dc4fa022465b74015c2a8f8501186bb5e200e6ce44be52e9374615a7e7e21c41bc27b5945a',
    '0043070275d9f6054307ee7348bd660849d90ff845f84326a0e7c51db7b922c6fa2a941c9687884c593b1b13076bdf0c473538d826bf7b',
    '9d1aa05b0de2aabb84b66db8bf52d62f3d3b71b592e3748455630f1504c20073624d80',
  ].join('') as Hex,
  hash: '0xef46f28c54b3d90a183e26f406ca1d5cc2b6e9fbb6cfa7c85a10330ffadf54b0',
  senderTxHash: '0x3cd3380f4206943422d5d5b218dd66d03d60d19a109f9929ea12b52a230257cb',
  sender: {
    address: '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b',
    key: '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8',
    digest: '0xa5dd93af9f96fa316f0ddd84f10acb2e6eb41baaec3b42f9068c38aa1618f7e1',
  },
  payer: {
    address: '0x5a0043070275d9f6054307ee7348bd660849d90f',
    /** Of another account: whoever wrote the documents signed with a key that is not the payer's. */
    key: '0xb9d5558443585bca6f225b935950e3f6e69f9da8a5809a83f51c3365dff53936',
    digest: '0xf547d9d0041912e0daa2db2b65170a9e833877cd8482f405a11b03429fcbd554',
  },
  call: {
    ...{ nonce: 1234n, gasPrice: 0x19n, gas: 1_000_000n, value: 10n },
    to: '0x7b65b75d204abed71587c9e519a89277766ee1d0',
    from: '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b',
    data: '0x6353586b000000000000000000000000bc5951f055a85f41a3b62fd6f68ab7de76d299b2',
  },
} as const
