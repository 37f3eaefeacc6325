// What the command line offers to set, and the defaults that are not the core's.
import { limits } from '../../core/index.js'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** seconds: how long a server waits for ongoing messages at its end */
export const defaultDrainSeconds = limits.drainMs / 1000

/** days that a journal reaches back: long enough for "who did that last week" */
export const defaultHistoryDays = 30
