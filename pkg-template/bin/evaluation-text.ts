// Results of messages as text: output, error, and what the process sent.

import type { Evaluation, Tag } from '../types.js'
import { safeText, styled } from './terminal-text.js'

/** Characters of a message's data that are shown. */
const DATA_SHOWN = 100

/** Tags that every message has. */
const USUAL_TAGS = new Set(['data-protocol', 'variant', 'type', 'reference', 'sdk', 'content-type'])

/** The output of a result as plain text or with the colours of the process, `''` if there is none. */
export function outputText({ Output }: Evaluation, colours: boolean): string {
  return safeText(textOf(memberOf(Output, 'data')), colours).trimEnd()
}

/** The error of a result, `undefined` if there is none. */
export function errorText({ Error: error }: Evaluation, colours: boolean): string | undefined {
  if (error === undefined || error === null || error === '') return undefined
  return safeText(typeof error === 'string' ? error : JSON.stringify(error), colours).trim()
}

/** The prompt that the process shows, `undefined` if there is none. */
export function promptText({ Output }: Evaluation, colours: boolean): string | undefined {
  const prompt = memberOf(Output, 'prompt') ?? memberOf(memberOf(Output, 'data'), 'prompt')
  return typeof prompt === 'string' && prompt ? safeText(prompt, colours) : undefined
}

/** One line for each message that the process sent, for each process that it spawned, and for each assignment. */
export function sentLines({ Messages = [], Spawns = [], Assignments = [] }: Evaluation, colours: boolean): string[] {
  const lines = [
    ...Messages.map(({ Target, Tags, Data }) => `to ${Target}${contents(Tags, Data)}`),
    ...Spawns.map(({ Tags, Data }) => `spawns a process${contents(Tags, Data)}`),
    ...Assignments.map(({ Message, Processes }) => `assigns ${Message} to ${Processes.join(', ')}`)
  ]
  return lines.map((line) => styled('cyan', `→ ${safeText(line, false).replaceAll('\n', ' ')}`, colours))
}

function contents(tags: Tag[] = [], data: string | undefined): string {
  const shown = tags.filter(({ name }) => !USUAL_TAGS.has(name.toLowerCase()))
  const parts = shown.map(({ name, value }) => `${name} = ${value}`)
  if (typeof data === 'string' && data.trim()) parts.push(`data ${quoted(data)}`)
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

const quoted = (data: string) =>
  data.length > DATA_SHOWN
    ? `${JSON.stringify(data.slice(0, DATA_SHOWN))}… (${data.length} characters)`
    : JSON.stringify(data)

/** A member of a value that may have any type. */
function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value ? (value as Record<string, unknown>)[name] : undefined
}

/** The text of `Output.data`: earlier aos versions write an object with `output`. */
function textOf(data: unknown): string {
  const text = typeof data === 'object' && data ? (memberOf(data, 'output') ?? data) : (data ?? '')
  return typeof text === 'string' ? text : JSON.stringify(text, null, 2)
}
