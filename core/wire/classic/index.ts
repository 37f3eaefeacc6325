// The classic wire: the original programs' `-_-` text and JSON relay, both directions, total.
export * from './code.js'
export { dumps, quoted, type Json, type JsonObject } from './json.js'
export * from './request.js'
export * from './reply.js'
export * from './relay.js'
