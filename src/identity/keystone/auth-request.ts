import type { CloudProfile, Login, Scope } from './cloud-profile.ts'

/** The body of `POST /v3/auth/tokens`. */
export function authRequest({ login, scope }: Pick<CloudProfile, 'login' | 'scope'>): object {
  return { auth: { identity: identityOf(login), ...(scope && { scope: scopeOf(scope) }) } }
}

function identityOf(login: Login): object {
  switch (login.kind) {
    case 'password':
      return { methods: ['password'], password: { user: { ...login.user, password: login.password } } }
    case 'token':
      return { methods: ['token'], token: { id: login.token } }
    case 'application-credential':
      return {
        methods: ['application_credential'],
        application_credential: { ...login.credential, secret: login.secret },
      }
  }
}

function scopeOf(scope: Scope): object {
  if (scope.kind === 'system') return { system: { all: true } }
  return scope.kind === 'project' ? { project: scope.project } : { domain: scope.domain }
}
