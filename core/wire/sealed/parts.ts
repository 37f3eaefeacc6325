// A body longer than a datagram travels in parts: at most 64 of at most 1024 bytes; a bitmap says which have arrived.

/** Part `index` of `count` of a body; 0 <= index < count <= 64. A body of one part is whole. */
export interface Part {
  readonly index: number
  readonly count: number
  readonly bytes: Uint8Array
}
