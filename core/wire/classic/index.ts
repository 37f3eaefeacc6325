// The classic wire: the original programs' `-_-` text and JSON relay, both directions, total.
export * from './code.js'
export * from './request.js'
export * from './reply.js'
export * from './relay.js'
