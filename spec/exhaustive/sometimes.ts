// What has to come about in a scene, or it has shown nothing: paths on which something might have gone wrong, and did not.
import type { Result } from './explore.js'
import type { Scene } from './scene.js'

interface Path {
  readonly what: string
  readonly isIn: (scene: Scene) => boolean
  readonly has: (result: Result, scene: Scene) => boolean
}

const always = (): boolean => true
const sent = (pattern: RegExp) => ({ sent: all }: Result): boolean => all.some((one) => pattern.test(one))
const reached = (pattern: RegExp) => ({ reached: all }: Result): boolean => [...all].some((one) => pattern.test(one))
const pathOf = ({ members, again, absent }: Scene): ReadonlyArray<number> =>
  Array.from({ length: members - 1 }, (_, i) => i + 1).filter((place) => (again === undefined ? !absent.includes(place) : !again.includes(place)))

/** A ring copy goes to somebody, and there was somebody before. */
const isPassedOver = ({ sent: all }: Result, scene: Scene): boolean =>
  all.some((one) => / a ring copy/.test(one) && pathOf(scene).some((place) => place > Number(one[0]) && place < Number(one[2])))
const isLong = (scene: Scene): boolean => pathOf(scene).length > 1

const isAnyDown = ({ crashes }: Scene): boolean => crashes > 0
const isAnySleepy = ({ crashes, sleeps }: Scene): boolean => crashes > 0 || sleeps
const isAnyAbsent = ({ absent, again }: Scene): boolean => absent.length > 0 && again === undefined
const isForced = ({ forced }: Scene): boolean => forced
const areTwo = ({ beside }: Scene): boolean => beside !== undefined
const areAllHonest = ({ liar, muted }: Scene): boolean => liar === undefined && muted.length === 0

const paths: ReadonlyArray<Path> = [
  { what: 'a member is passed over', isIn: isLong, has: isPassedOver },
  { what: 'a direct copy is sent', isIn: always, has: sent(/a direct copy/) },
  { what: 'an envelope comes home', isIn: always, has: sent(/^. 0 a home copy/) },
  { what: 'a member says that it is too late', isIn: always, has: sent(/says late/) },
  { what: 'a message ends by a proof of its initiator', isIn: always, has: reached(/^proof of the initiator/) },
  { what: 'a message ends by its time', isIn: always, has: reached(/^expired/) },
  { what: 'a member takes it', isIn: always, has: reached(/judged taken/) },
  { what: 'a report has everybody', isIn: ({ away }) => away.length === 0, has: reached(/report \d+ \d+ 0$/) },
  { what: 'a report leaves somebody unknown', isIn: always, has: reached(/report \d+ \d+ [1-9]\d*$/) },
  { what: 'a message ends by a proof of whoever has every receipt, and cannot reach the initiator', isIn: areAllHonest, has: reached(/^proof of a finder/) },
  { what: 'a member closes it', isIn: ({ muted }) => muted.length > 0, has: sent(/says closed/) },
  { what: 'a report calls somebody undelivered', isIn: ({ muted }) => muted.length > 0, has: reached(/report \d+ [1-9]\d* \d+$/) },
  { what: 'a process begins anew, and takes up its own message again', isIn: isAnyDown, has: reached(/member 0 takes up again/) },
  { what: "a member does not know the server's time", isIn: isAnySleepy, has: sent(/says busy/) },
  { what: 'somebody is sent a copy who is not on the path', isIn: isAnyAbsent, has: sent(/^1 2 a ring copy/) },
  { what: 'a report calls somebody undelivered', isIn: isAnyAbsent, has: reached(/report \d+ [1-9]\d* \d+$/) },
  { what: 'the operator ends a message', isIn: isForced, has: reached(/^forced/) },
  { what: 'a member takes what the operator has ended, before its time is over', isIn: isForced, has: reached(/^forced\S* 0 .*taken 1/) },
  { what: 'one message has ended by a proof, and a member takes the other', isIn: areTwo, has: reached(/^proof,live .*taken 2/) },
  { what: 'the same the other way round', isIn: areTwo, has: reached(/^live,proof .*taken 1/) },
  { what: 'the second ends by a proof of its initiator', isIn: areTwo, has: reached(/^proof of the second, by the initiator/) },
  { what: 'both have ended by their time', isIn: areTwo, has: reached(/^expired,expired/) },
  { what: 'the receipts of a liar do not add up', isIn: ({ liar }) => liar !== undefined, has: sent(/do not add up/) },
]

/** Paths of the scene, each with whether it was taken. */
export const taken = (scene: Scene, result: Result): ReadonlyArray<{ readonly what: string; readonly is: boolean }> =>
  paths.filter(({ isIn }) => isIn(scene)).map(({ what, has }) => ({ what, is: has(result, scene) }))
