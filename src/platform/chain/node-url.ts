const LEAST_SECRET = 8

/** Where a node is, how to greet it, and how to keep quiet about it: services put their keys into its URL. */
export type NodeUrl = {
  readonly href: string
  readonly headers: Readonly<Record<string, string>>
  /** The text without any part of the URL that may be a key. */
  hide(text: string): string
}

/** Reads the URL of a node. `fetch` takes no user and password in it, so they become a header (RFC 7617). */
export function readNodeUrl(text: string): NodeUrl {
  const url = new URL(text)
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), user, password]
  const secrets = parts.filter((part) => part.length >= LEAST_SECRET)
  url.username = ''
  url.password = ''
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  return {
    href: url.href,
    headers: user === '' && password === '' ? {} : { authorization: `Basic ${basic}` },
    hide: (words) => secrets.reduce((hidden, one) => hidden.replaceAll(one, '[secret]'), words),
  }
}
