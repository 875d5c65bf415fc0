// The settings of an enhanced workflow in the engine's words.
import type { DefinitionSettings } from "../../../engine/contract.ts";
import { defined } from "../../../lib/defined.ts";
import type { EnhancedSettings } from "./workflow-data.ts";

export const definitionSettings = ({
  timeoutSeconds,
  maxConcurrency,
  retry,
  errorWorkflowId,
  quietHours,
}: EnhancedSettings): DefinitionSettings =>
  defined({
    timeoutSeconds,
    maxConcurrency,
    retry: retry && { maxAttempts: retry.maxAttempts, backoffMs: retry.backoffSeconds * 1000 },
    errorWorkflowId,
    quietHours,
  });
