// A sealed peer on UDP: two sockets, two machines (the sealed wire's sessions, and the peer), and whoever watches. Decides nothing.
//
//   P      the sealed wire, with the server
//   P + 1  messages of classic members, in clear, from anywhere
import { randomBytes } from 'node:crypto'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import {
  channel, classic, classicActor, keyed, limits, operator, peer, sealed, self, type Address, type ContactName, type Nonce, type Seed, type Stamped,
} from '../core/index.js'
import type { pins } from '../core/index.js'
import type * as taskEither from 'fp-ts/lib/TaskEither.js'
import { ciphers } from './channel/ciphers.js'
import { openSessions, type Sessions } from './channel/sessions.js'
import { seed, type Secrets } from './channel/secrets.js'
import { systemClock } from './clock.js'
import { drive, type Driver } from './drive.js'
import { addresseeOf, bindFaced, decoded, type Faced, type PairOptions } from './pair.js'
import type { BindFailure } from './udp.js'
