'use client'

import { useEffect } from 'react'
import { show } from '../../report.js'

export default function Page() {
  useEffect(() => void show(), [])
  return <output id="answer" />
}
