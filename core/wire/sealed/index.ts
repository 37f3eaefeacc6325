// The sealed wire: what stands in a record once it is opened, both directions, total.
export * from './answer.js'
export { isSealed, sizes, who } from './datagram.js'
export * from './frame.js'
export * from './order.js'
export * from './parts.js'
export * from './proof.js'
export { Policy } from './values.js'
