// Colours where a person looks, and nowhere else: a pipe or a file gets no escape sequence, whatever CI says; FORCE_COLOR asks for them all
// the same, NO_COLOR, TERM=dumb and --no-color ask for none.
import type { WriteStream } from 'node:tty'
import pc from 'picocolors'

export const coloursFor = (stream: Pick<WriteStream, 'isTTY'>): ReturnType<typeof pc.createColors> =>
  pc.createColors(pc.isColorSupported && (stream.isTTY || process.env['FORCE_COLOR'] !== undefined))
