// What others test their own servers and peers with: our arbitraries, the dumb model, and the village without a network.
export * as names from './arbitraries/names.js'
export * as serverArbitraries from './arbitraries/server.js'
export * as peerArbitraries from './arbitraries/peer.js'
export * as wireArbitraries from './arbitraries/wire.js'
export { collidingNames } from './arbitraries/collisions.js'
export { sequences, type Real, type Tally } from './model/commands.js'
export { Directory, type Expected } from './model/directory.js'
export { Village } from './model/village.js'
