/**
 * What the text of a node's error means for a raw transaction that stands in the journal. Nodes of the geth family
 * and Kaia say the same things in other words, and a rebroadcast of a mined transaction looks like a nonce error.
 */
const LOOK =
  /known transaction|already known|already imported|nonce too low|another tx which has the same nonce/i

/** Whether a refusal only says that the node has the transaction, or that its nonce is taken: go and look. */
export function meansLook(message: string): boolean {
  return LOOK.test(message)
}

/** A connection that broke, mostly a kept one that the node had closed: nothing is known, and a read may be repeated. */
export function meansBrokenConnection(message: string): boolean {
  return /fetch failed|socket|terminated|ECONNRESET|other side closed/i.test(message)
}

/** Kaia answers a question about a block that it does not have yet with an error; others with an empty list. */
export function meansBehind(message: string): boolean {
  return /header does not exist|block range extends beyond|unknown block|BlockOutOfRange/i.test(
    message,
  )
}
