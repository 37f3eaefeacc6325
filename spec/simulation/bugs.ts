// Deliberate bugs.
import type { delivery, server } from '../../core/index.js'
import type { Machine } from '../../core/transition.js'
import type { BoxCiphers } from './boxes.js'

type Courier = ReturnType<typeof delivery.courier>
type ServerMachine = Machine<server.State, server.Command, server.Response, server.Effect>

/** What every process of a run is made with. */
export interface Arms {
  readonly courier: (machine: Courier, who: number) => Courier
  readonly server: (machine: ServerMachine) => ServerMachine
  readonly ciphers: (ciphers: BoxCiphers, who: number) => BoxCiphers
}

export const honest: Arms = { courier: (machine) => machine, server: (machine) => machine, ciphers: (ciphers) => ciphers }
