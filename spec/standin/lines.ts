// Lines of a byte stream, ended by LF or CRLF as the original's input is. Not node:readline, which also ends a line at U+2028, at
// U+2029 and at a lone CR: all of them may stand in a text that somebody types.
import type { Readable } from 'node:stream'

/** Each line without its end, and at last what came after the last end of line, if anything did. */
export async function* lines(stream: Readable): AsyncGenerator<string, void> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream as AsyncIterable<string>) {
    const parts = `${rest}${chunk}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield part.replace(/\r$/, '')
  }
  if (rest !== '') yield rest
}
