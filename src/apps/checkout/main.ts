import { normalPayCode } from '../../kernel/ids.ts'
import { openChainNotice } from '../browser/chain.ts'
import { element, setText } from '../browser/elements.ts'
import { isFinal } from '../browser/invoice.ts'
import { openApi } from './api.ts'
import { openWords, type Words } from './language.ts'
import { recall, remember } from './memory.ts'
import type { Checkout } from './model.ts'
import { type PayContext, payAsDemoShopper, prepare, signAndPay } from './pay.ts'
import { openView, type Shown } from './view.ts'
import { findWallets } from './wallet.ts'
import { watchCheckout } from './watch.ts'

const COPIED_SHOWN_MS = 2_000

function start(): void {
  const code = normalPayCode(decodeURIComponent(location.pathname.split('/')[2] ?? ''))
  const words = openWords()
  const api = openApi(code)
  let shown: Shown = {
    known: { kind: 'loading' },
    step: { kind: 'idle', problem: undefined },
    wallets: [],
  }
  const chainNotice = openChainNotice(words)
  let isMine = recall(code) === 'mine'
  const update = (change: Partial<Shown>) => {
    shown = { ...shown, ...change }
    draw(shown)
  }
  const take = (checkout: Checkout) => {
    const { known } = shown
    if (known.kind === 'bill' && known.checkout.version > checkout.version) return
    // Once it is paid, the network is nobody's worry here any more.
    chainNotice.show(isFinal(checkout) ? 'live' : checkout.chainState)
    update({ known: { kind: 'bill', checkout, isMine, isOver: checkout.expiresInSeconds <= 0 } })
  }
  const paying = (checkout: Checkout): PayContext => ({
    api,
    checkout,
    onStep: (step) => update({ step }),
    onHandIn: () => {
      isMine = true
      remember(code, 'mine')
    },
    onCheckout: take,
  })
  const bill = () => (shown.known.kind === 'bill' ? shown.known.checkout : undefined)
  const isIdle = () => shown.step.kind === 'idle'
  const draw = openView(words, {
    onWallet: (wallet) => {
      const checkout = bill()
      if (checkout !== undefined && isIdle()) void prepare(paying(checkout), wallet)
    },
    onOver: () => {
      const { known } = shown
      if (known.kind === 'bill') update({ known: { ...known, isOver: true } })
    },
  })
  listenToButtons({
    onDemo: () => {
      const checkout = bill()
      if (checkout !== undefined && isIdle()) void payAsDemoShopper(paying(checkout))
    },
    onSign: () => {
      const checkout = bill()
      if (checkout !== undefined && shown.step.kind === 'confirm')
        void signAndPay(paying(checkout), shown.step)
    },
    onBack: () => update({ step: { kind: 'idle', problem: undefined } }),
    onLanguage: () => {
      words.toggle()
      chainNotice.render()
      draw(shown)
    },
  })
  offerCopy(words)
  draw(shown)
  findWallets((wallets) => update({ wallets }))
  void watchCheckout(api, {
    onCheckout: take,
    onReach: (isReached) => showBanner(words, isReached),
    // 404 for an unknown code, 400 for one that cannot be a code: there is nothing to pay.
    onRefused: () => update({ known: { kind: 'missing' } }),
  })
}

function listenToButtons(on: {
  onDemo(): void
  onSign(): void
  onBack(): void
  onLanguage(): void
}): void {
  element('demo-pay', HTMLButtonElement).addEventListener('click', on.onDemo)
  element('sign', HTMLButtonElement).addEventListener('click', on.onSign)
  element('back', HTMLButtonElement).addEventListener('click', on.onBack)
  element('language', HTMLButtonElement).addEventListener('click', on.onLanguage)
}

function showBanner(words: Words, isReached: boolean): void {
  const banner = element('banner', HTMLElement)
  banner.hidden = isReached
  setText(banner, isReached ? '' : words.say('no_network'))
}

/** Copies the address for a wallet app's own browser. Without TLS browsers forbid it, and then the address is there to hold. */
function offerCopy(words: Words): void {
  const button = element('copy', HTMLButtonElement)
  const address = element('address', HTMLInputElement)
  address.value = location.href
  address.addEventListener('focus', () => address.select())
  button.addEventListener('click', () => {
    const show = (isCopied: boolean) => {
      setText(button, words.say(isCopied ? 'copied' : 'copy_failed'))
      setTimeout(() => setText(button, words.say('copy')), COPIED_SHOWN_MS)
    }
    if (!window.isSecureContext) {
      address.focus()
      show(false)
      return
    }
    navigator.clipboard.writeText(location.href).then(
      () => show(true),
      () => show(false),
    )
  })
}

start()
