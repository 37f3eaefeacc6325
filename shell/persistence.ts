// What keeps a server's directory: what its machine wants durable goes to the store, whose word goes back to the machine. Takes a snapshot now and
// then, and one at the end, while the server goes on.
//
//   Append ──> store ──durable──> Written        Full ──> Unwritten, which the machine answers to whoever waits        Broken ──> the end
import { isLeft } from 'fp-ts/lib/Either.js'
import { durability, server, type Stamped } from '../core/index.js'
import type { Store, Unwritten } from './stores/store.js'

export interface PersistenceOptions {
  readonly store: Store<server.Entry, server.Directory>
  readonly settings: server.Settings
  /** position of the newest snapshot */
  readonly snapshot: number
  /** commands from one snapshot to the next */
  readonly every: number
  /** the newest durable state */
  readonly kept: () => server.State
  readonly tell: (word: durability.Written | durability.Unwritten) => void
  /** nothing more can be written; nobody knows whether the last batch was */
  readonly broken: (why: Unwritten) => void
  /** something was not written; the server goes on */
  readonly trouble: (what: string, error: Error) => void
}

export interface Persistence {
  readonly append: (wanted: durability.Append<server.Command>) => void
  /** takes a last snapshot, so that the next program need not know these rules, and lets go of the store */
  readonly close: () => Promise<void>
}

export const openPersistence = ({ store, settings, every, kept, tell, broken, trouble, ...options }: PersistenceOptions): Persistence => {
  /** positions: of the newest snapshot, and of the newest that was tried */
  let last = options.snapshot
  let tried = last
  let isBroken = false
  let snapping: Promise<void> | undefined

  const snap = async (): Promise<void> => {
    const state = kept()
    tried = state.position
    const taken = await store.snapshot(server.directory(state, settings))()
    if (isLeft(taken)) trouble('snapshot', new Error(taken.left.sentence))
    else last = state.position
    snapping = undefined
  }

  const append = async (records: ReadonlyArray<Stamped<server.Command>>, position: number): Promise<void> => {
    const appended = await store.append({ records: records.map(server.entryOf), position })()
    if (isLeft(appended) && appended.left._tag === 'Broken') {
      isBroken = true
      broken(appended.left)
      return
    }
    if (isLeft(appended)) trouble('journal', new Error(appended.left.sentence))
    tell(isLeft(appended) ? durability.unwritten : durability.written)
    if (kept().position - tried >= every) snapping ??= snap()
  }

  return {
    append: ({ records, position }) => void append(records, position),
    close: async () => {
      await snapping
      if (!isBroken && kept().position > last) await snap()
      await store.close()
    },
  }
}
