/** The managers' durable queues, by the platform's names for them. */
export const MANAGER_QUEUES = {
  route: 'bin-manager.route-manager.request',
  flow: 'bin-manager.flow-manager.request',
  call: 'bin-manager.call-manager.request',
} as const;
