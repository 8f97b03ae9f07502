import { crc32, deflateSync } from 'node:zlib'
import { create } from 'qrcode'

/** Error correction M: the Korean QR standard limits recovery, so that a damaged code is not read as another. */
const CORRECTION = 'M'
/** ISO/IEC 18004 section 9.1: four modules of quiet zone on every side. */
const QUIET_ZONE = 4
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A QR symbol: `size` modules a side, quiet zone included; `isDark` is false outside. */
export type QrMatrix = { readonly size: number; isDark(x: number, y: number): boolean }

/** The symbol of a text. Throws when the text is longer than a QR code can carry (2,331 bytes at M). */
export function qrMatrix(text: string): QrMatrix {
  const { modules } = create(text, { errorCorrectionLevel: CORRECTION })
  const inside = (at: number) => at >= 0 && at < modules.size
  return {
    size: modules.size + 2 * QUIET_ZONE,
    isDark: (x, y) => {
      const [column, row] = [x - QUIET_ZONE, y - QUIET_ZONE]
      return inside(column) && inside(row) && modules.data[row * modules.size + column] === 1
    },
  }
}

/** One path of dark runs on white, sharp at every size. */
export function qrSvg({ size, isDark }: QrMatrix): string {
  let path = ''
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const from = x
      while (isDark(x, y)) x++
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`
    }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
  )
}

/** A one-bit greyscale PNG, `scale` pixels a module (PNG third edition, section 11). */
export function qrPng({ size, isDark }: QrMatrix, scale: number): Buffer {
  const side = size * scale
  const stride = 1 + Math.ceil(side / 8)
  const pixels = Buffer.alloc(stride * side)
  for (let y = 0; y < size; y++) {
    const line = pixels.subarray(y * scale * stride, y * scale * stride + stride)
    for (let x = 0; x < side; x++)
      if (!isDark(Math.floor(x / scale), y))
        line[1 + (x >> 3)] = (line[1 + (x >> 3)] ?? 0) | (0x80 >> (x & 7))
    for (let copy = 1; copy < scale; copy++) line.copy(pixels, (y * scale + copy) * stride)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header[8] = 1
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(pixels)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(type, 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

/** Two rows of modules a line in half blocks. Light is drawn, so that it reads on the dark screen of a terminal. */
export function qrText({ size, isDark }: QrMatrix): string {
  const lines: string[] = []
  for (let y = 0; y < size; y += 2) {
    let line = ''
    for (let x = 0; x < size; x++) {
      const top = !isDark(x, y)
      const bottom = y + 1 < size && !isDark(x, y + 1)
      line += top ? (bottom ? '█' : '▀') : bottom ? '▄' : ' '
    }
    lines.push(line)
  }
  return `${lines.join('\n')}\n`
}
