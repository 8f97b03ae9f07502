/** The part of `ws` that the rooms here use; the package brings no types of its own. */
declare module 'ws' {
  import type { IncomingMessage } from 'node:http'
  import type { Duplex } from 'node:stream'

  export class WebSocket {
    constructor(
      url: string,
      options: { readonly handshakeTimeout: number; readonly maxPayload: number },
    )
    send(text: string): void
    ping(): void
    close(): void
    terminate(): void
    on(event: 'open' | 'pong' | 'close', listen: () => void): this
    on(event: 'message', listen: (message: Buffer) => void): this
    on(event: 'error', listen: (error: Error) => void): this
  }

  export class WebSocketServer {
    constructor(options: { readonly noServer: true; readonly maxPayload: number })
    readonly clients: ReadonlySet<WebSocket>
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      take: (client: WebSocket) => void,
    ): void
  }
}
