// Whether IAM would allow requests, by a simulator of IAM's policy evaluation.
// {policies, requests} on stdin: each request names the policies of the caller and of what it calls by their position,
// and a statement that is left out as "policy.statement". An array of "Allowed", or of another answer, on stdout.
import { json } from 'node:stream/consumers';
import { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } from '@cloud-copilot/iam-policy';
import { anonymousPrincipal, runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate';

// AWS's reference lists no resources for this action, so the simulator accepts "*" alone. IAM decides on the state
// machine: its refusals name it, and statements for one machine are in use (aws-cdk, pull request 8486).
const WITH_RESOURCES = new Set(['states:SendTaskSuccess']);

// The simulator's keys have KMS's encryption context under a placeholder, so that it ignores those of requests.
const ENCRYPTION_CONTEXT = /^kms:EncryptionContext:/;

const { policies, requests } = await json(process.stdin);
const whole = policies.map((policy, position) => [
  createValidatedPolicy(policy, validateIdentityPolicy, { name: `${position}` }),
  createValidatedPolicy(policy, validateResourcePolicy, { name: `${position}` }),
]);
const [OF_ROLE, OF_RESOURCE] = [0, 1];

function policy(position, kind, leftOut) {
  const [of, statement] = (leftOut ?? '').split('.').map(Number);
  if (of !== position || leftOut === null) return [whole[position][kind]];
  const rest = policies[position].Statement.toSpliced(statement, 1);
  const validate = kind === OF_ROLE ? validateIdentityPolicy : validateResourcePolicy;
  const left = { ...policies[position], Statement: rest };
  return rest.length ? [createValidatedPolicy(left, validate, { name: `${position}` })] : [];
}

function simulation({ principal, action, resource, account, context, identity, attached, leftOut }) {
  return {
    request: {
      principal: principal ?? anonymousPrincipal,
      action,
      resource: { resource, accountId: account },
      contextVariables: context,
    },
    identityPolicies: identity
      .flatMap((position) => policy(position, OF_ROLE, leftOut))
      .map((found, index) => ({ name: `${index}`, policy: found })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: attached === null ? undefined : policy(attached, OF_RESOURCE, leftOut)[0],
  };
}

async function simulate(request) {
  const given = simulation(request);
  if (WITH_RESOURCES.has(request.action)) return runUnsafeSimulation(given, {});
  const answer = await runSimulation(given, {});
  if (answer.resultType === 'error') return JSON.stringify(answer.errors);
  const ignored = answer.result?.ignoredContextKeys ?? [];
  if (ignored.length === 0) return answer.overallResult;
  if (ignored.every((key) => ENCRYPTION_CONTEXT.test(key))) return runUnsafeSimulation(given, {});
  return `ignored: ${ignored}`;
}

const answers = [];
for (const request of requests) answers.push(await simulate(request));
console.log(JSON.stringify(answers));
