// A store that keeps nothing when the program ends: the newest snapshot's state as it is, and the batches since. It serves who wants no folder, and
// tests as a disk that never fails: what was closed can be opened again.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { unopened, unwritten } from './failures.js'
import type { Ledger } from '../../core/ledger.js'
import type { Batch, Open, Store, Unopened } from './store.js'

const folded = <D, S>(ledger: Ledger<D, S>, state: S, batches: ReadonlyArray<Batch<D>>): Either<Unopened, S> => {
  let next = state
  for (const { records, position } of batches)
    for (const record of records) {
      const found = ledger.fold(next, record)
      if (isLeft(found)) return left(unopened('Damaged', `the batch that ends at ${position} does not go on from the state before: ${found.left}`))
      next = found.right
    }
  return right(next)
}

/** A memory of its own, which begins empty. */
export const openMemory = <D, S>(ledger: Ledger<D, S>): Open<D, S> => {
  let snapshot: { readonly state: S } | undefined
  let batches: Batch<D>[] = []
  let isOpen = false
  const store: Store<D, S> = {
    append: (batch) => async () => {
      if (!isOpen) return Promise.resolve(left(unwritten('Broken', 'the memory is closed')))
      batches.push(batch)
      return Promise.resolve(right(undefined))
    },
    snapshot: (state) => async () => {
      snapshot = { state }
      batches = batches.filter(({ position }) => position > ledger.position(state))
      return Promise.resolve(right(undefined))
    },
    close: async () => {
      isOpen = false
      return Promise.resolve()
    },
  }
  return (first) => async () => {
    if (isOpen) return Promise.resolve(left(unopened('InUse', 'the memory is in use')))
    const isNew = snapshot === undefined
    const began = performance.now()
    snapshot ??= { state: first }
    const state = folded(ledger, snapshot.state, batches)
    if (isLeft(state)) return state
    isOpen = true
    const position = ledger.position(snapshot.state)
    const restored = { state: state.right, snapshot: position, folded: ledger.position(state.right) - position, torn: 0, isNew, notes: [], ms: performance.now() - began }
    return right({ restored, store })
  }
}
