import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'
import { prepareZXingModule, type ReadResult, readBarcodes } from 'zxing-wasm/reader'

/** A symbol as rows of dark and light modules, however it was drawn. */
export type Modules = readonly (readonly boolean[])[]

/** A decoder that shares no code with the encoder; its WebAssembly comes from the package, not from the network. */
export async function readQr(image: Uint8Array | Modules): Promise<ReadResult> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  await prepareZXingModule({
    overrides: { wasmBinary: readFileSync(wasm).buffer as ArrayBuffer },
    fireImmediately: true,
  })
  const input = image instanceof Uint8Array ? image : draw(image, 4)
  const results = await readBarcodes(input, { formats: ['QRCode'], tryHarder: true })
  const [result] = results
  if (result === undefined || results.length !== 1)
    throw new Error(`${results.length} symbols in the image`)
  return result
}

/** Grey pixels of a symbol, `scale` a module. */
function draw(modules: Modules, scale: number): ImageData {
  const side = modules.length * scale
  const data = new Uint8ClampedArray(side * side * 4)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const isDark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true
      data.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * side + x) * 4)
    }
  return { data, width: side, height: side, colorSpace: 'srgb' } as ImageData
}

/** The modules of an SVG of `M x y h n v1 h-n z` runs. Throws on anything else in it. */
export function svgModules(svg: string): Modules {
  const [, size = '', background = '', path = ''] =
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 (\d+) \1" shape-rendering="crispEdges"><path fill="#fff" d="([^"]*)"\/><path d="([^"]*)"\/><\/svg>$/.exec(
      svg,
    ) ?? []
  const side = Number(size)
  if (background !== `M0 0h${side}v${side}H0z`) throw new Error(`not a QR drawing: ${svg}`)
  const modules = Array.from({ length: side }, () => Array<boolean>(side).fill(false))
  const rest = path.replace(/M(\d+) (\d+)h(\d+)v1h-\3z/g, (_run, x, y, width) => {
    modules[Number(y)]?.fill(true, Number(x), Number(x) + Number(width))
    return ''
  })
  if (rest !== '') throw new Error(`not a QR drawing: ${rest}`)
  return modules
}

/** The modules of a drawing in half blocks on a dark ground: what is drawn is light. */
export function textModules(text: string): Modules {
  const lines = text.replace(/\n$/, '').split('\n')
  const side = lines[0]?.length ?? 0
  const rows = lines.flatMap((line) => [
    [...line].map((cell) => cell !== '█' && cell !== '▀'),
    [...line].map((cell) => cell !== '█' && cell !== '▄'),
  ])
  return rows.slice(0, side)
}

/** The pixels of a one-bit greyscale PNG without filters, as modules of one pixel. */
export function pngPixels(png: Buffer): Modules {
  const side = png.readUInt32BE(16)
  const lines = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
  const stride = 1 + Math.ceil(side / 8)
  return Array.from({ length: side }, (_row, y) =>
    Array.from({ length: side }, (_column, x) => {
      const byte = lines[y * stride + 1 + (x >> 3)] ?? 0
      return (byte & (0x80 >> (x & 7))) === 0
    }),
  )
}
