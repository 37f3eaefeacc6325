// The version that stands in what a store writes: how a store writes, and how its ledger does, in one number that only grows.
import type { Ledger } from '../../core/ledger.js'

/** of the store's own: the table, the chain, the frame of a snapshot */
const storeForm = 1

/** Of both; a higher one is a newer program's. */
export const formOf = ({ version }: Pick<Ledger<unknown, unknown>, 'version'>): number => storeForm * 0x10000 + version
