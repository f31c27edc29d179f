using System.Globalization;

namespace OpsConsole.FastMarket;

/// <summary>Names and talk for people who do not exist.</summary>
internal static class FastMarketNames
{
    private static readonly string[] First =
    [
        "Ada", "Bela", "Carla", "Dario", "Edda", "Falk", "Gesa", "Hugo", "Ines", "Jaro", "Kaja", "Levi", "Mira", "Nils", "Olga", "Pavel", "Quirin", "Rosa", "Sven", "Tilda",
        "Ulla", "Vito", "Wanda", "Xenia", "Yara", "Zeno", "Anouk", "Björn", "Chloé", "Dov", "Elif", "Finn", "Greta", "Hana", "Ivo", "Juno", "Kofi", "Lena", "Marek", "Nora",
    ];

    private static readonly string[] Last =
    [
        "Abel", "Brandt", "Costa", "Duval", "Eriksen", "Fabian", "Grau", "Holm", "Ilves", "Janda", "Keller", "Lund", "Maas", "Novak", "Okafor", "Petit", "Quast", "Rossi", "Sato", "Thorn",
        "Ullmann", "Vogel", "Weiss", "Ximenes", "Yilmaz", "Zander", "Arnold", "Berger", "Cramer", "Dietz", "Engel", "Falck", "Gomez", "Haas", "Iversen", "Jansen", "Kovac", "Lang", "Moser", "Nagy",
        "Orban", "Pohl", "Rask", "Stein", "Tanner", "Urban", "Vidal", "Wolff", "Zeller", "Amos",
    ];

    private static readonly string[] Subject = ["Withdrawal", "Deposit", "Interest", "The new rates", "My first month", "Transfers", "Statement", "The login page", "Savings", "The forum"];
    private static readonly string[] About = ["took two days", "question", "a small thing that I like", "works well", "and holidays", "for beginners", "in November", "explained", "from abroad", "ideas"];
    private static readonly string[] Sentence =
    [
        "Mine arrived this morning.", "I would wait for the weekend.", "Thanks, that was it.", "The rate went up again, good.", "Has anybody asked the staff?", "It is in the handbook, third page.",
        "Same here.", "I moved half of it to savings.", "The page was slow for a minute, then fine.", "See you at the meeting.", "No complaint from me.", "Please keep the old layout.",
    ];

    /// <summary>A name that only one member has.</summary>
    public static string Of(int id)
    {
        var n = id - 1;
        var name = First[n % First.Length] + " " + Last[n / First.Length % Last.Length];
        return n < First.Length * Last.Length ? name : string.Create(CultureInfo.InvariantCulture, $"{name} {n / (First.Length * Last.Length) + 1}");
    }

    public static string Title(Random random) => Subject[random.Next(Subject.Length)] + " " + About[random.Next(About.Length)];

    public static string Body(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Sentence[random.Next(Sentence.Length)]));
}
