// How a server may lie (`perfidy`).

export const perfidies = [
  /** a member has another key, it says: one that the server has made */
  'swaps',
  /** somebody is on the ring whom nobody has let in */
  'ghosts',
  /** of one epoch it grants two rings in turn */
  'forks',
  /** its grants name members that are none, and the initiator itself */
  'strays',
  /** its grants last for years */
  'lasts',
  /** its clock jumps, there and back */
  'jumps',
  /** what it has answered it answers otherwise the next time */
  'wavers',
] as const
export type Perfidy = (typeof perfidies)[number]
