// The shell, as programs import it: the machines of the core on real UDP.
export { systemClock, type Clock } from './clock.js'
export { drive, type Driver, type Interpreters, type World } from './drive.js'
export { folder, type Folder } from './files.js'
export { JsonEvent, JsonLine } from './cli/jsonline.js'
export { startPeer, type PeerOptions, type RunningPeer } from './peer.js'
export { skeletons } from './skeleton.js'
export { startServer, type Counts, type RunningServer, type ServerOptions } from './server.js'
export { bind, connect, firstFree, type Arrivals, type BindFailure, type Socket } from './udp.js'
