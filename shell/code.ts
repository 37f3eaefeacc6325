// What a server's configuration has that is no data, as this program has it: which names look alike, and how a ring is hashed.
import { digest } from './channel/ciphers.js'
import { skeletons } from './skeleton.js'
import type { server } from '../core/index.js'

export const code: server.Code = { skeletons, hash: digest }
