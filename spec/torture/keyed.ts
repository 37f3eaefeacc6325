// Somebody with keys: numbers requests, and has a line to one server process at a time.
import { randomBytes } from 'node:crypto'
import { sealed, type ContactName, type Nonce } from '../../core/index.js'
import { ciphers } from '../../shell/channel/ciphers.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import { decoded, Line } from './line.js'
import { bound } from './ports.js'
import type { Socket } from 'node:dgram'
import type { Life } from './player.js'

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export class Keyed {
  /** of the newest register */
  boot = 0
  /** the newest request that a server refused because it was ending */
  turned: sealed.Request | undefined
  #seq = 0
  readonly #box = ciphers(newSecrets())
  #socket: Socket
  #line: Line | undefined
  #life: Life | undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get id(): string {
    return this.#box.own.id
  }

  get port(): number {
    return this.#socket.address().port
  }

  get isConnected(): boolean {
    return this.#line !== undefined
  }

  /** Is found elsewhere from now on. */
  async move(): Promise<void> {
    const socket = await bound()
    this.close()
    this.#socket = socket
  }

  /** A new session with that server, which knows of no other. */
  connect(life: Life): void {
    this.part()
    this.#life = life
    this.#line = new Line(this.#box, this.#socket, life)
  }

  part(): void {
    this.#line?.close()
    this.#line = undefined
  }

  close(): void {
    this.part()
    this.#socket.close()
  }

  /** The register of a new process under that name. */
  registering(contact: ContactName, { server }: Life): sealed.Order {
    const proof = hex(this.#box.sign(sealed.proofOf(this.#box.own.seals, server.id)))
    return { _tag: 'Register', contact, signs: this.#box.own.signs, proof, nonce: randomBytes(16).toString('hex') as Nonce }
  }

  /** The order under the next number. */
  request(order: sealed.Order): sealed.Request {
    return { _tag: 'Request', boot: order._tag === 'Register' ? 0 : this.boot, seq: ++this.#seq, have: 0n, order }
  }

  /** The bytes of the answer; `undefined` when the line was parted before. */
  async repeat(request: sealed.Request): Promise<Uint8Array | undefined> {
    return this.#line?.ask(request)
  }

  /** The same of a request that no server has answered yet. A server that has ended takes none that is new to it: it is `turned` away then, and was not
   *  done. (What it did is answered as it was, however often it is repeated.) */
  async ask(request: sealed.Request): Promise<Uint8Array | undefined> {
    const answer = await this.repeat(request)
    if (answer === undefined || this.#life?.isClosing !== true || decoded(answer).code !== 503) return answer
    this.turned = request
    this.part()
    return undefined
  }
}
