// stub
import type { server } from '../../core/index.js'
export const restoredFrom = (_data: string): Promise<server.State | undefined> => Promise.resolve(undefined)
