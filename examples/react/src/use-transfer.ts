// Writes: a transfer, its progress, and what to do when it is not known whether it arrived.

import { useMutation, useMutationState, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Account } from './account'
import { checkTransfer, transfer, type Order, type Stage } from './api'
import { keys } from './queries'
import { openToken } from './token'

export function useTransfer({ address, signer }: Account) {
  const client = useQueryClient()
  const [stage, setStage] = useState<Stage>('signing')
  const controller = useRef<AbortController>(undefined)
  // After an error, too: the message may have arrived.
  const onSettled = () => client.invalidateQueries({ queryKey: keys.balances })

  const send = useMutation({
    mutationKey: [...keys.transfer, address],
    mutationFn: async (order: Order) => {
      const { signal } = (controller.current = new AbortController())
      const onStage = (reached: Stage) => {
        // Once it is signed, cancelling could not take it back.
        if (reached !== 'signing') controller.current = undefined
        setStage(reached)
      }
      await transfer(await openToken(), order, { signer, signal, onStage })
    },
    onSettled
  })

  /** Asks for the result of a message that may have arrived. */
  const check = useMutation({
    mutationFn: async (id: string) => checkTransfer(await openToken(), id),
    onSettled
  })

  return { send, check, stage, cancel: () => controller.current?.abort() }
}

/** What is on its way: shown beside the balance, so that the balance is never a guess. */
export function usePending(address: string): bigint {
  const orders = useMutationState({
    filters: { mutationKey: [...keys.transfer, address], status: 'pending' },
    select: ({ state }) => state.variables as Order
  })
  return orders.reduce((sum, { quantity }) => sum + quantity, 0n)
}
