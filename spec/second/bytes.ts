// Bytes as texts, in plain arrays.

export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'))
