// An ordered persistent map from whole numbers to values: the explicit order of things that users see (registration, creation,
// joining). O(log n) to read and write, the old version stays as it was. Behind it stands sorted-btree, which nothing else may know.
import sorted from 'sorted-btree'

const Tree = sorted.default
type Tree<V> = InstanceType<typeof Tree<number, V>>

interface SequenceBrand<V> { readonly Sequence: V }

/** Values by ascending whole number. Opaque: use the functions beside it. */
export type Sequence<V> = SequenceBrand<V> & { readonly size: number }

const ascending = (a: number, b: number): number => a - b
const open = <V>(sequence: Sequence<V>): Tree<V> => sequence as unknown as Tree<V>
const seal = <V>(tree: Tree<V>): Sequence<V> => tree as unknown as Sequence<V>

const none = new Tree<number, never>(undefined, ascending)

export const empty = <V>(): Sequence<V> => seal<V>(none)
export const get = <V>(sequence: Sequence<V>, no: number): V | undefined => open(sequence).get(no)
/** `sequence` with `value` at `no`, also where there was one. */
export const set = <V>(sequence: Sequence<V>, no: number, value: V): Sequence<V> => seal(open(sequence).with(no, value, true))
export const remove = <V>(sequence: Sequence<V>, no: number): Sequence<V> => seal(open(sequence).without(no))
/** The values in order; as long as the sequence. */
export const values = <V>(sequence: Sequence<V>): ReadonlyArray<V> => open(sequence).valuesArray()
/** The lowest number in use. */
export const first = <V>(sequence: Sequence<V>): number | undefined => open(sequence).minKey()
