import { RejectedByProcess } from '../api'
import { explain } from '../errors'

interface NoticeProps {
  error: unknown
  /** Repeats a read. A write is repeated by its form. What a process rejected, it rejects again. */
  retry?: () => unknown
  /** Asks for the result of a message that may have arrived. */
  check?: (id: string) => unknown
}

export function Notice({ error, retry, check }: NoticeProps) {
  const { title, advice, mayHaveArrived: id } = explain(error)
  return (
    <div className="notice" role="alert">
      <strong>{title}</strong>
      <p>{advice}</p>
      {id && check && (
        <>
          <p>
            Message <code>{id}</code>
          </p>
          <button type="button" onClick={() => check(id)}>
            Look for its result
          </button>
        </>
      )}
      {retry && !(error instanceof RejectedByProcess) && (
        <button type="button" onClick={() => retry()}>
          Try again
        </button>
      )}
    </div>
  )
}
