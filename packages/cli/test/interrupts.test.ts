import { expect, test, vi } from 'vitest';
import { createInterrupts } from '../src/interrupts.ts';

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the first %s asks, the second ends the process',
  (name) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
      throw new Error('exit');
    });
    const interrupts = createInterrupts();
    process.emit(name);
    expect([interrupts.signal.aborted, interrupts.second.aborted]).toEqual([true, false]);
    expect(() => process.emit(name)).toThrow('exit');
    expect(interrupts.second.aborted).toBe(true);
    expect(exit).toHaveBeenCalledWith(130);
    interrupts.release();
    expect(process.listeners(name).some((listener) => listener.name === 'onSignal')).toBe(false);
    vi.restoreAllMocks();
  },
);
