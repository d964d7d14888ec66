-- Everything that guards the books from the database's side, one line each.
with ours as (
    select pg_class.oid, relname, relkind, relacl, relowner from pg_class
    where relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations'
), role as (
    select oid, rolname from pg_roles
    where rolname in ('wallet_web', 'wallet_switch', 'wallet_worker', 'wallet_read')
)
select line as "line!" from (
    select format('constraint %s %s: %s%s', relname, conname, pg_get_constraintdef(pg_constraint.oid),
                  case when convalidated then '' else ' (not validated)' end) as line
    from pg_constraint join ours on ours.oid = conrelid
    union all
    select format('constraint %s %s: %s%s', typname, conname, pg_get_constraintdef(pg_constraint.oid),
                  case when convalidated then '' else ' (not validated)' end)
    from pg_constraint join pg_type on pg_type.oid = contypid where typnamespace = 'public'::regnamespace
    union all
    select format('index %s', replace(indexdef, 'public.', ''))
    from pg_indexes join ours on ours.relname = tablename and ours.relkind = 'r' where schemaname = 'public'
    union all
    select format('grant %s %s on %s', rolname, lower(privilege_type), relname)
    from ours cross join lateral aclexplode(relacl) as acl join role on role.oid = acl.grantee
    union all
    select format('grant %s %s (%s) on %s', rolname, lower(privilege_type), attname, relname)
    from ours join pg_attribute on attrelid = ours.oid and attnum > 0 and not attisdropped
    cross join lateral aclexplode(attacl) as acl join role on role.oid = acl.grantee
    union all
    -- None of these is expected: what they do is seen by no reader of the code.
    select format('public may %s %s', lower(privilege_type), relname)
    from ours cross join lateral aclexplode(relacl) as acl where acl.grantee = 0
    union all
    select format('owned by %s: %s', rolname, relname) from ours join role on role.oid = relowner
    union all
    select format('trigger %s on %s', tgname, relname) from pg_trigger join ours on ours.oid = tgrelid where not tgisinternal
    union all
    select format('disabled trigger %s on %s', tgname, relname) from pg_trigger join ours on ours.oid = tgrelid where tgenabled = 'D'
    union all
    select format('rule %s on %s', rulename, ours.relname) from pg_rewrite
    join ours on ours.oid = ev_class and ours.relkind = 'r'
    union all
    select format('policy %s on %s', polname, relname) from pg_policy join ours on ours.oid = polrelid
    union all
    -- What a function of ours does is part of the check that calls it.
    select case when prokind = 'f' and probin is null
            then trim(regexp_replace('function ' || pg_get_functiondef(oid), '\s+', ' ', 'g'))
            else format('function %s', proname) end
    from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select format('role %s may more than it should', rolname) from pg_roles
    where rolname in (select rolname from role)
      and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication or rolcanlogin)
) as guard (line)
order by line collate "C"
