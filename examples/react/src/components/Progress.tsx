import type { Stage } from '../api'

const STAGES: readonly { stage: Stage; text: string }[] = [
  { stage: 'signing', text: 'Sign' },
  { stage: 'sending', text: 'Send' },
  { stage: 'evaluating', text: 'Wait for the result' }
]

export function Progress({ stage, cancel }: { stage: Stage; cancel: () => void }) {
  return (
    <div role="status">
      <ol className="progress">
        {STAGES.map(({ stage: step, text }) => (
          <li key={step} aria-current={step === stage ? 'step' : undefined}>
            {text}
          </li>
        ))}
      </ol>
      {stage === 'signing' && (
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      )}
    </div>
  )
}
