// Every safety of the settlement engine, and what the project is without it. `find` occurs once in its file.

const SAFETIES = 'test/flow/safeties.test.ts'
const FAULTS = 'test/flow/lane-faults.test.ts'
/** How a statement asks whether a lease is still this epoch's. */
const HELD = `and epoch = \${lease.epoch}`
const on = (file, name) => ({ file, name })

export const ENGINE_MUTANTS = [
  {
    name: 'engine: one live payment of an invoice',
    path: 'migrations/0001_init.sql',
    find: 'create unique index payments_one_live on payments (invoice_id)',
    replace: 'create index payments_one_live on payments (invoice_id)',
    test: on(SAFETIES, 'inserts no second live payment'),
  },
  {
    name: 'engine: journal before send',
    path: 'src/flows/journal-batch.ts',
    find: 'const now = deps.clock.now() const batch: Batch',
    replace:
      'await deps.chain.broadcast(signed.raw)\nconst now = deps.clock.now()\nconst batch: Batch',
    test: on(SAFETIES, 'sends nothing before its row'),
  },
  {
    name: 'engine: a raised fee is journaled before it is sent',
    path: 'src/flows/bump-fee.ts',
    find: 'const attempt: Attempt = {',
    replace: 'await deps.chain.broadcast(signed.raw)\nconst attempt: Attempt = {',
    test: on(FAULTS, 'raises the fee of a batch'),
  },
  {
    name: 'engine: the epoch of the lease, when bytes are sent',
    path: 'src/domains/settlement/store.ts',
    find: `${HELD} and expires_at > now())`,
    replace: 'and expires_at > now())',
    test: on(SAFETIES, 'under a lease that another has taken'),
  },
  {
    name: 'engine: the epoch of the lease, when a batch is written',
    path: 'src/platform/db/leases.ts',
    find: `${HELD} and expires_at > now() for share`,
    replace: 'and expires_at > now() for share',
    test: on(SAFETIES, 'under a lease that another has taken'),
  },
  {
    name: 'engine: a frozen process looks at its own clock before it sends',
    path: 'src/flows/broadcast-batches.ts',
    find: 'raw === undefined || !isLeaseLive(lease)',
    replace: 'raw === undefined',
    test: on(SAFETIES, 'under a lease that another has taken'),
  },
  {
    name: "engine: the lane's own look",
    path: 'src/domains/settlement/lane-plan.ts',
    find: 'const LOOK_MS = 100',
    replace: 'const LOOK_MS = 60_000',
    test: on(SAFETIES, 'whose job no queue remembers'),
  },
  {
    name: "engine: the watcher's overlap",
    path: 'src/domains/settlement/reading.ts',
    find: 'export const OVERLAP_BLOCKS = 5n',
    replace: 'export const OVERLAP_BLOCKS = 0n',
    test: on(SAFETIES, 'five blocks late'),
  },
  {
    name: 'engine: hidden logs are read again',
    path: 'src/entry/loops/lane.ts',
    find: 'if (rereadFrom !== undefined) reread(rereadFrom)',
    replace: '',
    test: on(FAULTS, 'finds logs that a node hid'),
  },
  {
    name: 'engine: a receipt of failure is no proof',
    path: 'src/domains/settlement/spent.ts',
    find: "if (taker === undefined) return receipt === 'none'",
    replace:
      "if (receipt !== 'none') return { kind: 'failed', blockNumber: receipt.blockNumber }\n  if (taker === undefined)\n    return receipt === 'none'",
    test: on(FAULTS, 'believes no forged receipt'),
  },
  {
    name: 'engine: a second look before a replay refuses',
    path: 'src/domains/settlement/read-logs.ts',
    find: 'if (replay === undefined) return []',
    replace: 'return []',
    test: on(FAULTS, 'settles what someone else submitted'),
  },
  {
    name: 'engine: two nodes agree about a large payment',
    path: 'src/domains/settlement/reading.ts',
    find: 'needsAgreement(log, limit) && !seen.has(wordsOf(log))',
    replace: 'false && seen.has(wordsOf(log))',
    test: on(FAULTS, 'only when a second node shows'),
  },
  {
    name: 'engine: a gap is filled',
    path: 'src/domains/settlement/lane-plan.ts',
    find: "return fee === undefined ? [] : [{ kind: 'fill', nonce, maxFeePerGas: fee }]",
    replace: 'return []',
    test: on(FAULTS, 'closes a gap'),
  },
  {
    name: 'engine: a fee rises',
    path: 'src/domains/settlement/lane-plan.ts',
    find: 'if (maxFeePerGas !== undefined) return',
    replace: 'if (false && maxFeePerGas !== undefined) return',
    test: on(FAULTS, 'raises the fee of a batch'),
  },
  {
    name: 'engine: a second node, before a batch is given up',
    path: 'src/domains/settlement/spent.ts',
    find: "if (evidence.isShared === false) return { kind: 'wait' }",
    replace: '',
    test: on(FAULTS, 'rides again by the word of no node alone'),
  },
  {
    name: 'engine: a second node, before a lane is counted on',
    path: 'src/flows/mend-nonces.ts',
    find: 'if (!isSaidByTwo) return false',
    replace: '',
    test: on(FAULTS, 'is counted on by the word of two nodes'),
  },
]
