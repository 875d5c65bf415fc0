// vitest globalSetup of the workers project: SMTP servers in Node, which tests in workerd reach over loopback at `inject("smtp")`.
import type { TestProject } from "vitest/node";
import { type SmtpPorts, startSmtpServers } from "../email/servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    smtp: SmtpPorts;
  }
}

export default async (project: TestProject) => {
  const servers = await startSmtpServers();
  project.provide("smtp", servers.ports);
  return servers.stop;
};
