// The ring of a list: the order in which a message goes round. The initiator first, then the others in the order in which they joined;
// home is where it began.
//
//     initiator 0 ──> 1 ──> 2 ──> ... ──> n-1 ──> 0
//
// On the classic wire a message carries a `pointer`: one above the index of whoever is to receive it, and n + 1 on the way home.

/** `members` with the initiator moved to the front. `isInitiator` holds for exactly one of them. */
export const inRingOrder = <M>(members: ReadonlyArray<M>, isInitiator: (member: M) => boolean): ReadonlyArray<M> => {
  const at = members.findIndex(isInitiator)
  return at <= 0 ? members : [members[at] as M, ...members.slice(0, at), ...members.slice(at + 1)]
}

/** The pointer with which the initiator sends: to index 1. */
export const firstPointer = 2

/** A message with this pointer has been round: whoever receives it is the initiator. */
export const isHome = (pointer: number, members: number): boolean => pointer > members

/** The index of the member to whom a message goes on that was received with `pointer <= members`. */
export const nextIndex = (pointer: number, members: number): number => (pointer === members ? 0 : pointer)
