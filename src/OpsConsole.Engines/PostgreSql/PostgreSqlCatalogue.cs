namespace OpsConsole.Engines.PostgreSql;

/// <summary>The schema as lines of text from the catalogue, without numbers that differ between two equal databases (oids), hashed by the server.</summary>
internal static class PostgreSqlCatalogue
{
    private const string Lines = """
        with spaces as (select oid, nspname, nspowner, nspacl from pg_namespace where nspname not in ('opsconsole', 'information_schema') and nspname !~ '^pg_'),
        rels as (select c.*, n.nspname from pg_class c join spaces n on n.oid = c.relnamespace),
        lines(line) as (
            select format('schema %I owner %s rights %s', nspname, pg_get_userbyid(nspowner), nspacl::text) from spaces
            union all select format('relation %I.%I kind %s/%s owner %s rights %s security %s/%s options %s method %s', nspname, relname, relkind, relpersistence, pg_get_userbyid(relowner), relacl::text,
                relrowsecurity, relforcerowsecurity, reloptions::text, (select amname from pg_am where oid = relam))
                || format(' partition %s of %s', pg_get_expr(relpartbound, r.oid), (select string_agg(inhparent::regclass::text, ',' order by inhseqno) from pg_inherits where inhrelid = r.oid))
                from rels r where relkind <> 'i' and relkind <> 'I'
            union all select format('column %I.%I %s %I %s not null %s default %s identity %s generated %s collation %s rights %s', r.nspname, r.relname,
                row_number() over (partition by a.attrelid order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
                (select collname from pg_collation where oid = a.attcollation), a.attacl::text)
                from rels r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
            union all select format('constraint %I on %s%s %s valid %s', conname, nullif(conrelid, 0)::regclass, nullif(contypid, 0)::regtype, pg_get_constraintdef(c.oid), convalidated)
                from pg_constraint c where connamespace in (select oid from spaces)
            union all select format('index %s valid %s replica %s cluster %s', pg_get_indexdef(i.indexrelid), indisvalid, indisreplident, indisclustered) from pg_index i where indrelid in (select oid from rels)
            union all select format('view %I.%I %s', nspname, relname, pg_get_viewdef(oid)) from rels where relkind in ('v', 'm')
            union all select format('rule %s', pg_get_ruledef(oid)) from pg_rewrite where rulename <> '_RETURN' and ev_class in (select oid from rels)
            union all select format('sequence %I.%I %s %s %s %s %s %s %s', nspname, relname, format_type(seqtypid, null), seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)
                from pg_sequence join rels on oid = seqrelid
            union all select format('trigger %s enabled %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger where not tgisinternal and tgrelid in (select oid from rels)
            union all select format('function %s owner %s rights %s %s', oid::regprocedure, pg_get_userbyid(proowner), proacl::text,
                case when prokind = 'a' then (select format('%s %s %s %s', aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval) from pg_aggregate where aggfnoid = p.oid) else pg_get_functiondef(oid) end)
                from pg_proc p where pronamespace in (select oid from spaces)
            union all select format('enum %s %s', t.oid::regtype, (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid)) from pg_type t
                where typtype = 'e' and typnamespace in (select oid from spaces)
            union all select format('domain %s %s not null %s default %s', oid::regtype, format_type(typbasetype, typtypmod), typnotnull, typdefault) from pg_type where typtype = 'd' and typnamespace in (select oid from spaces)
            union all select format('policy %I on %s %s %s %s using %s check %s', polname, polrelid::regclass, polcmd, polpermissive, (select string_agg(case when r = 0 then 'public' else pg_get_userbyid(r)::text end, ',' order by r) from unnest(polroles) r),
                pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) from pg_policy where polrelid in (select oid from rels)
            union all select format('extension %I %s', extname, extversion) from pg_extension
            union all select format('event trigger %I %s %s %s', evtname, evtevent, evtfoid::regprocedure, evtenabled) from pg_event_trigger
            union all select format('publication %I %s', pubname, puballtables) from pg_publication
            union all select format('statistics %s', pg_get_statisticsobjdef(oid)) from pg_statistic_ext where stxnamespace in (select oid from spaces)
            union all select format('default rights %s %s %s %s', pg_get_userbyid(defaclrole), (select nspname from spaces where oid = defaclnamespace), defaclobjtype, defaclacl::text) from pg_default_acl
            union all select format('comment on %s %s', pg_describe_object(classoid, objoid, objsubid), description) from pg_description
                where (classoid = 'pg_class'::regclass and objoid in (select oid from rels)) or (classoid = 'pg_proc'::regclass and objoid in (select oid from pg_proc where pronamespace in (select oid from spaces)))
                   or (classoid = 'pg_namespace'::regclass and objoid in (select oid from spaces)) or (classoid = 'pg_type'::regclass and objoid in (select oid from pg_type where typnamespace in (select oid from spaces))))
        """;

    /// <summary>Gives one row with SHA-256 in hex. Wants an empty search_path, so that each name is written in full.</summary>
    public const string HashSql = Lines + """

        select encode(sha256(convert_to(coalesce(string_agg(line, E'\n' order by line collate "C"), ''), 'UTF8')), 'hex') from lines
        """;
}
