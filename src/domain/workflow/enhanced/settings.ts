// The settings of an enhanced workflow in the engine's words.
import type { DefinitionSettings } from "../../../engine/contract.ts";
import type { EnhancedSettings } from "./workflow-data.ts";

export const definitionSettings = ({
  timeoutSeconds,
  maxConcurrency,
  retry,
  errorWorkflowId,
  quietHours,
}: EnhancedSettings): DefinitionSettings => ({
  ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  ...(maxConcurrency !== undefined && { maxConcurrency }),
  ...(retry && { retry: { maxAttempts: retry.maxAttempts, backoffMs: retry.backoffSeconds * 1000 } }),
  ...(errorWorkflowId !== undefined && { errorWorkflowId }),
  ...(quietHours && { quietHours }),
});
