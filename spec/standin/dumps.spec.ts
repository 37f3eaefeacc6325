// What Python 3 prints for `json.dumps(json.loads(text))`, against ours: the texts were run through Python, the answers copied here.
import { deepEqual, equal, throws } from 'node:assert/strict'
import { dumps } from './dumps.js'
import { loads } from './loads.js'

const again = (text: string): string => dumps(loads(text))

describe('json.dumps and json.loads of the stand-in', () => {
  const cases: readonly (readonly [title: string, text: string, python: string])[] = [
    ['separates with a blank', ' {"a":[1,2 , {}],"b":null}\n', '{"a": [1, 2, {}], "b": null}'],
    ['keeps keys that look like numbers in their place', '{"b":1,"2":2,"1":3}', '{"b": 1, "2": 2, "1": 3}'],
    ['keeps __proto__ as a key', '{"__proto__":{"a":true}}', '{"__proto__": {"a": true}}'],
    ['keeps the place of the first and the value of the last of equal keys', '{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2}'],
    ['escapes what is not ASCII', '"Привет \u2028 é"', '"\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442 \\u2028 \\u00e9"'],
    ['escapes above U+FFFF as a pair', '"\u{1f600}"', '"\\ud83d\\ude00"'],
    ['passes a lone surrogate on', '"\\uD800x"', '"\\ud800x"'],
    ['escapes control characters, the usual ones shortly, and no slash', '"\\u0000\\u001B\\b\\f\\n\\r\\t\\"\\\\\\/\x7f"',
      '"\\u0000\\u001b\\b\\f\\n\\r\\t\\"\\\\/\\u007f"'],
    ['keeps whole numbers of any length', '[0,-0,12345678901234567890123]', '[0, 0, 12345678901234567890123]'],
    ['keeps floats floats', '[1.0,-0.0,2.50,1e2,0.0001]', '[1.0, -0.0, 2.5, 100.0, 0.0001]'],
    ['writes exponents as Python does',
      '[1e16,1234567890123456.0,1.5e-5,1e-7,1e300,1e999]',
      '[1e+16, 1234567890123456.0, 1.5e-05, 1e-07, 1e+300, Infinity]'],
    ['takes what Python takes beyond JSON', '[NaN,-Infinity]', '[NaN, -Infinity]'],
  ]
  for (const [title, text, python] of cases) it(title, () => { equal(again(text), python) })

  it('tells whole numbers from floats', () => { deepEqual(loads('[1,1.0]'), [1n, 1]) })

  for (const text of ['', '{"a":1', '[1,]', '{"a":1,}', '{1:2}', '01', '1.', '"a\nb"', '"\\x"', "'a'", 'truefalse', '1 2', '\ufeff1', '-']) {
    it(`refuses ${JSON.stringify(text)}`, () => { throws(() => loads(text), SyntaxError) })
  }
})
