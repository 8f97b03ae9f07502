import { SECOND_MS } from '../../kernel/time.ts'
import { element } from '../browser/elements.ts'
import { keyOf } from './amount.ts'
import { openWords } from './language.ts'
import { openMemory } from './memory.ts'
import { listenToKeyboard } from './pad.ts'
import { takeKeyFromAddress } from './pairing.ts'
import {
  currentScreen,
  enter,
  leave,
  openTill,
  refresh,
  renderAll,
  showScreen,
  type Till,
} from './till.ts'

const REFRESH_MS = 20 * SECOND_MS

function start(): void {
  const memory = openMemory()
  const till = openTill(memory, openWords(memory))
  listenToKeyboard(till.pad, () => currentScreen() === 'till' && !hasDialog())
  listenForNextSale(till)
  listenToMenu(till)
  keepFresh(till)
  renderAll(till)
  begin(till)
  window.addEventListener('hashchange', () => {
    if (location.hash.startsWith('#key=')) begin(till)
  })
}

/** With the key from the address, or else with the one from last time, or else by asking for one. */
function begin(till: Till): void {
  const offered = takeKeyFromAddress()
  const stored = till.memory.get('key')
  if (stored !== undefined && (offered === undefined || offered === stored)) {
    enter(till, stored)
    return
  }
  till.sale.pause()
  showScreen('pairing')
  till.pairing.show()
  if (offered !== undefined) void till.pairing.offer(offered)
}

function hasDialog(): boolean {
  return element('leave-dialog', HTMLDialogElement).open
}

/** After a tick or an approval, the first digit of the next amount is all it takes. */
function listenForNextSale(till: Till): void {
  document.addEventListener('keydown', (event) => {
    if (currentScreen() !== 'sale' || event.ctrlKey || event.metaKey || event.altKey) return
    const { stage } = element('sale', HTMLElement).dataset
    if (stage !== 'paid' && stage !== 'approved') return
    const key = keyOf(event.key)
    if (key === undefined || key === 'back' || key === 'clear') return
    till.sale.close()
    till.pad.press(key)
  })
}

function listenToMenu(till: Till): void {
  const dialog = element('leave-dialog', HTMLDialogElement)
  element('language', HTMLButtonElement).addEventListener('click', () => {
    till.words.toggle()
    renderAll(till)
  })
  element('leave', HTMLButtonElement).addEventListener('click', () => dialog.showModal())
  element('leave-no', HTMLButtonElement).addEventListener('click', () => dialog.close())
  element('leave-yes', HTMLButtonElement).addEventListener('click', () => {
    dialog.close()
    leave(till)
  })
}

function keepFresh(till: Till): void {
  const look = () => {
    if (document.visibilityState === 'visible') void refresh(till)
  }
  setInterval(look, REFRESH_MS)
  document.addEventListener('visibilitychange', look)
  window.addEventListener('online', look)
}

start()
