import pino from 'pino'
import { clean, cleanText } from './clean.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type LogFields = Readonly<Record<string, unknown>>

/** A line is a constant message and the fields that vary. An error goes into the field `err`. */
export type Log = {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log whose every line carries these fields. */
  child(fields: LogFields): Log
}

type LogOptions = {
  readonly level: LogLevel
  /** Which process speaks, such as `gateway`. */
  readonly name: string
  /** Where lines go; standard output unless told. */
  readonly destination?: { write(line: string): void }
}

/** What the log itself says on each line; a field of that name gets a `_`. */
const RESERVED = ['level', 'time', 'name', 'pid', 'msg']

/**
 * Opens a log of JSON lines with ISO time. Whatever is passed, values of type `Secret`, passwords in URLs and the
 * innards of errors do not reach a line, and one call makes one line.
 */
export function openLog({ level, name, destination }: LogOptions): Log {
  const options = {
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (cleaned: unknown) => cleaned },
  }
  // Written before the call returns: what a process says last must not be lost or overtaken when it ends.
  return logOn(pino(options, destination ?? pino.destination({ dest: 1, sync: true })))
}

function logOn(logger: pino.Logger): Log {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => {
    return (message: string, fields: LogFields = {}) => {
      if (logger.isLevelEnabled(level)) logger[level](cleanFields(fields), cleanText(message))
    }
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => logOn(logger.child(cleanFields(fields))),
  }
}

function cleanFields(fields: LogFields): Record<string, unknown> {
  try {
    const cleaned = Object.entries(clean(fields) as object)
    return Object.fromEntries(
      cleaned.map(([key, value]) => [RESERVED.includes(key) ? `${key}_` : key, value]),
    )
  } catch {
    // A getter that throws must not take down who logs.
    return { unloggable: true }
  }
}
