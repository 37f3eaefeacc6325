// Traces, as programs read and write them: `encodeEvent`, `decodeEvent`, and what is said of frames and locks in them.
export { Event, type Clock, type EventOf, type Happening } from './event.js'
export { happeningOf, keptOf, labelOf, type Label } from './label.js'
export { decodeEvent, encodeEvent, sentenceOf } from './lines.js'
export { changedLocks } from './locks.js'
export { HostName, hostNameOf, inLife, lifeOf, Words, wordsOf } from './words.js'
