import { freePort } from '../platform/embedded/process.ts'

type Place = { readonly variables: Readonly<Record<string, string>>; readonly url: string }

/** Where gateway and worker show what they count: at METRICS_PORT and the one after it, or at any two that are free. */
export async function metricsPlaces(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly gateway: Place; readonly worker: Place }> {
  const own = environment.METRICS_PORT
  const host = environment.METRICS_HOST ?? '127.0.0.1'
  const place = (port: number): Place => ({
    variables: { METRICS_PORT: String(port) },
    url: `http://${host}:${port}`,
  })
  const gateway = own === undefined ? await freePort() : Number(own)
  const worker = own === undefined ? await freePort() : gateway + 1
  return { gateway: place(gateway), worker: place(worker) }
}
