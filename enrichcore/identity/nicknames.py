"""Given names that stand for each other, and names that are given names at all.

General knowledge of many languages, kept careful: a wrong pair would accept the wrong person, so Daniel is not Danielle
and Bill is not Robert. (The English list on the package index pairs Bill with Robert, Louis with Louise and Emil with
Emily: it was made for finding ancestors, where every lead counts.) Bars part families; a name may be in several;
names in comparison form. What a family says too much, `two_names` takes back.
"""

from enrichcore.identity.given_names import ALSO_GIVEN
from enrichcore.identity.two_names import two_names

_FAMILIES = """
abdul abdel abdal|abdulaziz abdelaziz aziz|abdullah abdallah abdulla abdoulaye abdula|abdullah apo|abdulrahman
abdurrahman abdelrahman abdurahman|abhishek abhi|abigail abby abbie gail abigaile|abraham abe avraham avi bram
ibrahim|adalbert bela vojtech wojciech albert|adam adas|adedayo dayo|adekunle kunle|adelaide addie|adelheid
heidi|adewale wale|adeyinka yinka|aditya adi|adriaan arie|adrian ade|agapito pito|agata agatha agathe|aggelos
angelos|agi agnes|agnes agnieszka aga neza agnese ines|agnieszka agusia|agostino tino|agustin agus augustin gus|ahmed
ahmad ahmet achmed ahmadou|aikaterini katina|aisha aicha ayesha ayse aysha|alan allan allen al|alasdair alistair
alastair alister alec ally|albert al bert bertie alberto berto albrecht|alberto beto|albertus bert ab|albina
bina|alecu alexandru|alejandro ale jandro|aleksandar aco sasa alex|aleksandr alexander alexandr alex al xander sasha
sascha alec alejandro alessandro aleksander aleksandar oleksandr olexandr alexandre alexandros alekos ale jano
alexandru sandu sanya shura sander lex zander lekso sandor iskander alistair|aleksanteri santeri ale|aleksei alexei
alexey aleksey oleksiy oleksii alexis alyosha lyosha alesha aleksej alexej|alena alenka|alena magdalena
helena|alessandro sandro|alessio ale|alexander sandy|alexandra alex sandra sasha lexi aleksandra oleksandra alessandra
alexandrine ola sanja ale xandra|alexandra sandy|alexandra xana|alexandre xande ale|alexis lex|alfonso alonso poncho
alphonse afonso fonso|alfred al alf alfie fred alfredo fredo|ali alison|ali aly|alicia ali licia alice|allie
alison|allie allison|alois aloys louis luigi lojze|alois loisl|alzbeta elizabeth betka beta alica|amalia mali malia
amelia millie|amanda mandy|amarjit amar|ambrose brose|amelia amy millie|amin ameen|amir emir ameer|amparo
amparito|anastasia nastya asya stacy nastia tasia anastasiya stasia|anastasio tacho|anastasios tasos|anatoly
tolik|anatoly tolya anatoliy anatolii|ancsa anna|anders ante|andi andrea|andoni antonio|andras andris|andrea
andie|andrea drea|andreas andre andrew andi anders andrej andrejs|andrew andy drew andreas andre andrei andrey andrzej
andriy andrii andrej anders andres andras ondrej ondra jedrek andrus andrius bandi|angela angie angelika angelina
angele andzelika geli|angelina lina|angelo angel|angelos angelis angel|anirudh ani|anna ann anne annie anya ania anka
nan ana anni anneke anke anci annuska nyura asya|ant antonio|antero tero|anthony antony tony antonio anton antoine
anto tonio tonino antoni antek toni antal antonius ton toon teun theunis antonis antonios toninho tono tonda antonin
antun ante|antonia toni tonia antonella antonina|antonina tonya tosia|antonino nino tonino|antonio to|antonio toninho
tonho tono|antti anders andrew|anu anuradha|aparecida cida|apollonia polly|apostolos tolis lakis|arantxa
arancha|archibald archie|ariadna ari|arkady arkadiy arkasha|arnold arnie arno arnaud arnaldo|arthur art artie artur
arturo|artyom artem tyoma temka|ash ashok|ashley ash|ashraf achraf|ashwin ash|asuncion asun|athanasios thanasis thanos
nasos sakis|attila ati|audrey aud|august gus guus augusto gusti|augusto guto|augustus gus|aurelia aura|avdotya
dunya|avi avinash|ayman aymen eymen|ayodele ayo dele|babatunde tunde|babeth elisabeth|balakrishnan
bala|balasubramanian bala balu|barbara barb barbie babs barbora basia babsi bara barbka varvara varya babette|barbel
barbara|barney bernard|barry baz|bart bartholomeus|bartholomew bart bartolomeo bartlomiej bartek bartosz
bartol|bartolomeo meo|basse sebastian|beatka beata|beatrice bea trixie beatriz beatrix bice bia|begona bego|ben
benoit|benedict ben benny benedikt benedetto bene beni bennet|bengt benke|benj benjamin|benjamin ben benny benji
benjamim binyamin beni yamin|bernadette bernie berna detta|bernard bernie bernd bernhard bernardo bernat berni bernt
benno|bertalan berci|bertha berta|bettina tina betti|biggi birgit|bilal bilel belal|birgitta gitta britta|bjorn
bjossi|bo bosse|bogdan bohdan bodya|boguslaw bogus bogdan|boguslawa bogusia|bohumil bohous|bohuslav bohous|boleslaw
bolek|boris borya|borislav boro borko|bozena bozenka|bozena bozka|bradley brad|brendan brendon|brian bryan|brid
bridget breda|bridget biddy bridie brigid brigitte gitte birgit biddie|brigitte gitte gitta brigitta birgit
birgitta|brittany britt|bronislaw bronek|burak burakcan|caetano tano|cal callum|calvin cal|camila cami camilla mila
camille|caoimhe keeva|carl charles carlos karl carlo karol karel kalle charlie kaarlo karoly karcsi|carla karla|carlao
carlos|carlos charly carlitos charlie calo|carlotta lotta|carmelo melo|carmen carmela carmencita mamen menchu
carmina|caroline karoline carolyn caro lina carrie carol carolina karolina karo line|cassandra cass cassie|catharina
ineke|catherine katherine kathryn katharine catharine kate katie cathy kathy kat katya ekaterina catalina kitty cate
caterina katarina katerina katarzyna kasia kaska kateryna katharina kathe kathi kathrin katrin katja trina cat
catarina cata katrina katinka kati katalin kata aikaterini katka|catriona katrina|cecilia cecily ceci celia silke
cilla sissel cecilie cecile cissi|celestine celeste|celestino tino|chaim haim hayim|chandrashekhar chandra
shekhar|charalampos babis haris charis lampis|charles charlie chuck chas carlos karl carl chip charley carlo karol
karel carles chaz|charlotte lottie charlie lotte charly carlota lotta lot|chencho lorenzo|chidiebere chidi|chinonso
nonso|chr christian|chr christiane|chr christina|chr christine|chr christoph|chr christopher|chrissie christine
christina|christian chris christiaan cristian kristian chrille christer|christiane christine|christina kristina
christine chris tina chrissy cristina kristin kristen kristine krystyna krysia stina stine kristyna hristina
tine|christl christine|christoph christopher chris kit topher christophe cristobal kristof christof stoffer krzysztof
krzysiek kristoffer christoffer kristofer cristoforo toph|christos chris hristo|chukwuemeka emeka chuks|clara klara
clare claire chiara klarka|claude claudio klaudio|claudia klaudia|clemens klemens clement|clifford cliff|clint
clinton|clotilde cloe|col colin|colm colum|concepcion concha conchita conchi|conor connor|constance connie konstanze
constanza costanza|constantin costel costi|constantine konstantin constantin konstantinos kostas costas kostya dinos
kosta costa costin gus costantino dino ntinos|constantino tino|consuelo chelo|cornelia nele corrie nelia
conny|cornelis kees cor cornelius|cornelius neil con kees cor corneliu|cosimo mimmo|craig craigie|crispin
cris|cristiane cris|cristina cris cri|curt curtis|cynthia cindy|cyril kirill kiril cyrille|czarek cezary|czeslaw
czesiek|dafydd dai david|dagmar dasa|dalibor dali|damian damien damiano|daniel dan danny danilo daniil danila danyil
danylo dani danek deniel daan dany nilo|daniela dani dana dany|daniele dani|danl daniel|danuta danka|daoud dawood
dawud davud david|daria darya dasha daryna darja|darius dariusz darek dario|darren daz|david dave davy dawid davide
davit davud dai taffy dudi dato|david dudu dudi|deborah debra deb debbie debora devora|deirdre dee|del derek|demetrius
dimitrios|denis dennis denys denny dionisio dionysios|desiree desi|desislava desi|desmond des|dev devendra|diana di
diane dia|diarmuid dermot|diederik dirk|dieter dietrich|dimitra mimi|dimitrios dimitris dimitri jim jimmy mitsos dimos
dimi takis dimitros|dimitrios mimis|dinu constantin|djordje george djoka dorde|dmitry dmitri dmitriy dmitrii dima
mitya dmytro dimitri dimitry dimitar mitko demetrius dmitrij|dolores lola loli|domenico mimmo menico|dominic dom
dominik domenico dominick domingo nico mimmo dominique domi mingo|donald don donnie donal domhnall|donato nato|dori
dora|dorothy dot dottie dolly dorothea dora dorota dorotea dorte dorthe thea dortje|douglas doug dougie|dumitru mitica
mitu|duncan dunc|edith edie edita edit edyta|edmund ed eddie ned edmond edmundo|edoardo edo|eduarda duda|eduardo
duda|eduardo edu dudu|eduardo lalo edu guayo|edurne nieves|edw edward|edward ed eddie ned ted teddy eduardo edouard
eduard edoardo edek edvard lalo edu dado eward edvardo edi ede|edwin ed eddie|eero erik|efstathios stathis|eftychia
effie|eilidh ailie helen|eilis elizabeth|ekaterina katya yekaterina kateryna catherine katerina katia|eleanor ellie
nell nora eleonora eleonore leonora lenora nelly|eleftherios lefteris terry|elena helen yelena olena lena alena alyona
ileana jelena lenka elina lene|elena lenuta|elias ilias ilya elijah eli eliasz elia ilja illia ilie|eliezer
eli|elisabeth elizabeth liz lizzie beth betty eliza elsie libby lisa bess elisa elise liesbeth elisabetta betta
lisbeth lis lisbet elzbieta ela elka alzbeta erzsebet bozsi zsoka yelizaveta elizaveta liza lizaveta babette lies
elsbeth elspeth betsy bessie liesel lisette elisaveta bettina lizbeth betka lieke|elisabeth sisi lisl|eliska
elizabeth|eliyahu eli|ellen ella ellie nell|elli elisabeth|eloise lois|elvira elvi|emanuel manuel manu manny emmanuel
emmanouil manolis manos emanuele|emanuele lele|emil emilio milo emiel mil|emilia emily emmy mila emi emilie
milka|emily em emmy millie|emma em emmy emmi|encarnacion encarna|enrique quique kike henry enric enrico quico|eoghan
owen eugene|eric erik erich erick eirik jerker erico|erkki erik|ernest ernie ernst ernesto erno arnost|ernesto neto
teto|erzsebet erzsi|esperanza espe lancha|esther ester essie eszter eti hester|esther esti|eugene gene yevgeny evgeny
yevgeni evgeni evgeniy evgenii yevhen yevgeniy zhenya eugenio eugen eugeniusz genek jeno evgenios gena|eugenia zhenya
evgenia yevgenia genia yevheniia|eulalia lali laia|eulalio lalo|eva eve ewa evi evita evka vica ewka|evangelia litsa
eva lia|evangelos vaggelis|evangelos vangelis|evelyn evie eve evelina evelin|ewan ewen|ewelina ewa|ezekiel zeke|ezra
ezri|fabian fabio fabien|faisal faysal feisal|faith fay|fanel stefan|farouk faruk farooq|fatima fatma fatemeh fatimah
fatimata fatou|fatma fatos|faustino tino|fco francisco|fearghal fergal|federica fede|federico fede fico rico frederick
federigo|felicia fee|felipe pipe philip|felix felice feliks lix|feodor fyodor fedor fedya theodore fedir|fer
fernanda|ferdinand ferdi nando fernando ferdie ferdinando|ferenc feri francis franz|ferko frantisek|fernando nando fer
hernando nano|filip filippo philip fil|filomena mena|fin finlay|fiona fi|florence flo florrie florentina
fiorenza|florentino tino|florian flo flori|florin florinel|fons alphonsus|fotini foteini|fotios fotis|frances fran
frankie fanny|francesc cesc francisco xesc|francesca chicca franca fra|francesca franci|francesco cesco checco ciccio
franco frank francis franz fra|francis frank fran frankie franz francois francisco francesco frans
franciszek|francisca paca paqui kika chica|francisco paco pancho frank cisco kiko quico curro chico fran francis
frasco franz patxi xisco xico xicu|franciszek franek|francois frank franck francis|franklin frank|frans
franciscus|frantisek franta frank|franz francis frank franzl|franziska franzi fanny|franziska franzi franka francesca
francoise francine francisca fanni|frasse frans|frederick fred freddie freddy friedrich frederic frederik fryderyk
fritz federico freek frits fredrik fridrich rick fredric frederico fede riko|fredrik fredde fred|frida friederike
frieda rike|friedrich fritz fred fiete|gabriel gabe gabi gabor gavriil gavril gabrielius gaby gabo|gabriela gabriele
gabi gaby gabrielle gabriella gabby|gabriele lele|gabriella lella|gaetano tano nino|gail gayle|galina galya
halyna|gareth gary gaz|gary gaz garry|gaston tonton|gavriel gabriel|geertruida truus|gege gerard|genevieve gen ginny
ginette genoveva veva genowefa|gennady gennadiy gena genna hennadiy|gennaro gennarino rino|geo george|geoffrey jeffrey
geoff jeff jeffery godfrey goffredo gottfried|georg schorsch girgl|george jorge georg yuri georges georgios giorgos
yorgos georgi georgy georgiy jerzy jurek jiri gyorgy gyuri jurgen jorg jorgen giorgio jordi yiorgos jurij yury juri
georgie goga gosha heorhiy zhora joris sjors jurgis jurg geordie gheorghe gigi gjergj|georgi gosho george|georgia
gogo|georgina georgie gina georgia|ger gerardus|gerald gerry jerry geraldo|geraldine gerry geri|gerard gerardus|gerard
gerry ger gerrit|gerardo gera|gerasimos makis|gergo gergely|gerhard gerd gert hardy|gert gerrit|gertraud
traudl|gertrude gert trudy gertrud traudl trude trudi|gheorghe ghita gigi george|giacomo jacob james jack|giacomo
mino|gianfranco franco gian|gianluca luca gian gianlu|gianluigi gigi gian luigi|gicu gheorghe|gienek
eugeniusz|gijsbert gijs|gilbert gil gib gilberto|gilberto beto|gillian jill gill jillian|ginger virginia|giorgi gia
gio george|giovanna gianna vanna jo|giovanni gianni john vanni nino gio johnny|gitti birgit|gitti brigitte|giulia
julia giuly|giuseppe beppe peppe pino joe joseph peppino pippo beppino geppo seppe|giuseppe giusep|giuseppina pina
giusy pinuccia beppa|gloria glo|gmo guillermo|goncalo gonca|gordon gordy|gorka george jorge|graciela chela|graeme
graham|grazyna grazka|greet margaretha|gregory greg gregor grigoris grigori grigory grisha gregorio goyo gregoire
grzegorz grzesiek gergely geri grigorios hryhoriy gregers gorio|guadalupe lupe lupita|gudmundur gummi|gudrun
gunna|guicho luis|guilherme gui|guillaume guigui|guillem guillermo william|guillermo memo willy guille billy
guillem|gundula gundi|gunnar gunne|gunni gunther|gunter gunther guenter guenther|gurra gustav|gustaf gosta|gustavo
guga gus|gustavo guto|gustavo tavo gus gustav gusti gustaf|gwendolyn gwen|gwyneth gwyn|hadi hady|hamid hameed|hamish
seumas|hana hanka|hania anna|hanka anna|hanna anna|hanna hannah hanka hania hanne|hanna johanna|hanne
johanna|hannelore hanne lore|hans johannes johann hansi hansel hanns|harold harry hal harald|harpreet harry|harriet
hattie harriette henrietta|hassan hasan hassen|hasse hans|hatice hatce|hector tito|hedi hedwig|heikki henrik|heinrich
henry heinz hank harry henri enrique heiner heini hinnerk hein|helen nell elena helena hella eleni lena nellie helene
hela lenka leni alena helenka lene jelena ileana|helmut helmuth|hendrik henk rik hein henry hendrikus|henrietta etta
hettie hattie henny jette|henrik henry henke henryk|henrique rique|henry harry hank henri henrik hal heinrich hendrik
enrico enrique henryk heniek henrique rik|herbert herb bert herbie|heriberto beto|hermann herman armin|hermannus
harm|hermelinda linda|hermenegildo gildo|hilary hil|hildegard hilde hilda hildur|hiroshi hiro|hisham hicham|horace
horacio|hovhannes hovo|howard howie|hristo itso|hrvoje hrvo|hubert bert hub hubertus hubi|hugh hugo hughie
ugo|humberto beto umberto berto|huso huseyin|hussein husain hussain husayn hossein huseyin houssein hoseyn hocine
hussin|ian iain john|ibrahim ebrahim brahim abraham ibraheem|ibrahim ibo|ieuan john|ifeoma ify|ignacio nacho ignatius
ignaz ignacy inigo ignasi nacio ignazio|igor ihor|igorek igor|ikechukwu ike|ildiko ildi|ilie iliuta|ilona ica ilus
helen|ilya ilia ilja illya ilyusha|imad emad|imi imre|immaculada inma|imre emery emmerich|inacio nacio|inessa
inna|ingeborg inge|ingrid inga|inmaculada inma macu|innokenty kesha|ioan ion nelu ionut john|ioana oana|ioanna joanna
gianna|ioannis yannis giannis john yiannis ioanis janis jannis|irek ireneusz|irene irena irina rena eirini iryna|irina
ira iryna irena irinka irisha|isaac ike yitzhak isaak itzik izaak|isabel isabelle isabella bella izzy isa ysabel
chabela bel isobel izabela iza izabella ishbel belle ysabella|isabela isa|isidoro isidro chilo|ismail ismael
esmail|israel srulik|istvan stephen pista pisti steven stefan|ivan vanya john vania ivo ivica jan johan vanyusha vanja
ivanko iwan iban ivano|ivana iva|ivaylo ivo|ivo yves|iwona yvonne iwonka|izaskun izas|izzy isaac|jacek hyacinth|jacob
jake jakob jaap jacques jakub yakov jakov jacobo kuba jacobus jasha coby kobus sjaak kobe yaakov iacob jeppe|jacobus
koos sjaak|jacqueline jackie jacqui jacklyn|jacques jack|jadwiga jadzia hedwig|jafar jaafar cafer|jagdish jag
jaggi|jakub kuba jacob jakubko|jamal gamal djamel cemal|james jim jimmy jamie jaime jimbo jem jas seamus hamish
jimmie|jan john johannes johan jasiek janek jaska honza hans ian yan janko janne janusz johnny jon|jana janicka|jane
janie jayne jean jana janina jenny|janet jan jannette jeanette|janice jan|janina janka nina|janos john jancsi
jani|jaroslav jarda jarek yaroslav jaro slava|jaroslava jarka|jaroslaw jarek|jas jan|jason jay jase|jaume jaime
james|javier javi xavier xavi xabier javito saverio|jay jayant|jay jayesh|jayachandran jay|jayaraman jay|jean johnny
jeannot|jeanne joan jeannie|jelena jelka elena helen lena|jennifer jen jenny jenn jenni jennie|jens john johannes
jes|jeremiah jerry jeremias|jeremy jem jerry jez jeremie|jerome jerry hieronymus geronimo jeronimo jerom|jessica jess
jessie jessika|jesus chuy chus suso chucho|jindrich jindra henry|jiri jirka george jura|joachim jochen jo achim
joaquin joakim gioacchino jochem jokke kim|joan joanie|joanna jo asia johanna joanne aska joana|joao jao|joao john
juan joca jango|joaquim quim|joaquin quino quin ximo chimo|jocke joakim|jodie jo jody|johan john johannes johnny
joe|johanna ans|johanna hanna jo hanne joan johanne hansi jopie janna janne|johannes hans johan john juan giovanni
ivan hannes jan jo joop hanno ioannis johann janne joannes jon hennes|john jon johnny jack ian ivan juan giovanni
johan johann johannes jan janos ioannis sean shaun shawn eoin joao ion iohan yohannes jock johnnie yannis|jojo
johannes|jokin joaquin|jolanta jola yolanda|jon nonni|jonathan jon jonny jonathon johnny jonatan yoni yonatan nathan
jonatas|jonathan joni|jorg georg george joerg|jorge george koke|jose pepe joseph giuseppe josep ze pepito chepe josito
zezinho jota|jose ze zeca|joseba jose|josef joseph joe sepp jozef jo pepa pepik joschi jozsef joska jozsi|josef jupp
sepp|josefa pepa pepita josefina|josefina josefa pepa fina josephine|josep jose pep joseph|joseph joe joey josef yosef
jose giuseppe jo jozef josip iosif yusuf youssef josephus jos osip jozsef jef juozas joss yossi iosef|josephine jo
josie josefine josefina fifi|joshua josh josue yehoshua|josip joso joza jozo joseph|josu jesus|jovan john jova|jozef
sjef|jozek jozef|jozo jozef|juan juanito juancho joan xoan nito ivan|juana juani|judit jutka|judith judy jude judit
jutta yehudit|juha johannes juhani|juhani john jussi|juho johannes|juju juliana|juli julia|julia julie juliet giulia
yulia julka jules jule iulia julija|julian jules julien julio giuliano juliano|juliana ju juli|juliana juli
julie|julianna juli|julius jules julio giulio gyula iulius juliusz|jurgen georg george juergen|jussi johannes|jussi
juho johan|justin justus justyn giustino|justyna justine justina|kaisa katariina|kalina kala|kalman coloman|karen
karin caren kaz kari|kari karoly|karim kareem|karin carina karen kaja|karl kalli|karol charles karel karl
karolek|karolina karo kaja caroline lina|kathleen kath kathy katie kate|kay katherine|kazimierz kazik casimir kaziu
kazimir|kazuo kaz|kenichi ken|kenji ken|kenneth ken kenny|kepa pedro peter|kevin kev|khadija khadijah hatice
khadidja|khalid khaled halid|kickan kristina|kimberly kim kimberley kimmie|kirill kiryl cyril kyrylo|klaus claus
nicholas nikolaus claas|koldo luis louis|konstantina dina|krasimir krasi|kresimir kreso|krille kristian|krille
kristoffer|krish krishna|krish krishnan|krishna kris|kristian kristjan christian|kristina kris tina|kristina stina
kicki|kristjan stjani|kristoffer stoffe|krzysztof krzysiek krzys christopher|ksenia xenia oksana aksinya kseniya|kurt
kuddel|kyriaki kiki|kyriakos kikos|ladislav laci lada vladislav laszlo|lajos lali|lakshmanan laksh|lakshmi laxmi
lakshmy|lalla laura|lambertus bert|larisa lara larysa|lars lasse laurence lawrence|laszlo laci ladislaus
ladislav|laura laurie lauri laure lora lauretta|laurence lawrence larry laurie lorenzo laurent lorenz lorens lawrie
loren lorne lavrentiy lourenco enzo renzo laurens|laurent lolo|leander lee|leena helena|leendert leen|leila layla
leyla laila|lencho lorenzo|leni magdalena|lenka magdalena helena|lenz lorenz|leonard leo len lenny leonardo leonhard
leonid lennart leonardus nardo|leonardo leo nardo dino|leonid leo lyonya lenya|leonor nora|leopold leo poldi leopoldo
polde polo|leslie les lesley|leszek lech|lev leo lyova leon lew|levan leo|lewis louis lou lew luis ludwig luigi|lidia
lydia lida lidiya lidka|liisa elisabeth|lilian lillian lily lil liliana|lilo liselotte|lilya lilia|lise
elisabeth|llewelyn lyn|lluis luis louis|loredana lori|lorenzo lori|lotta charlotta|louis lou luis ludwig luigi lajos
ludovic lodewijk ludvik louie lodovico aloysius lewis ludovico ludo|louise lou lulu luisa|loulou louis|lourdes lulu
lourditas|lu luciana|lubomir lubos|lucas luke lukas luca lukasz luc lukacs loukas lucca|lucia lu|lucia lucy luz lucie
luzia lucinda|lucian luciano lucien|luciano chano|lucjan lucek|lucka lucie|lucy lucie lucia lucinda lulu|lucy
lucille|ludek ludvik|ludmila lyudmila luda mila lida lyuda liudmyla ludka|ludwig louis lutz wiggerl|luigi gigi gino
louis luigino|luis lucho louis luisito lewis lou wicho|luis luisinho|luisa lu louise|luiz luis lula|lukasz luki lukas
luke|lulu luiz|lynn lynne|lyubomir lyubo|lyubov lyuba liubov luba|lyudmila lyusya|ma maria|mac mackenzie|maciej maciek
matthias matthew|madeleine maddie madeline|madhavan madhu|magdalena lena magda madeleine madalena malena magdalene
marlene|magdalena magda madlen mado madelaine madelyn|magnus mans|mahesh mahi|mahmoud mahmud mehmood|majid majeed
madjid|makar makarchik|maksim maxim max maksym maks maxime massimo|malcolm mal|malgorzata gosia margaret gocha
malgosia|manfred manni fred|manpreet manny|manuel manny manolo manu lolo manolito manel manoel neca|manuel
nelo|manuela manu manoli ela|marcel marcello marcelo|margaret maggie meg peg peggy marge margie greta rita margarita
marguerite margherita margareta margarete gretel grete margit margot malgorzata mags madge margrethe gretchen gita
margriet greetje griet margo magi mairead merete marketa peigi margaretha|margareta maggan|margarida guida|margarita
rita margo marga margot|margit manci|margrethe grethe mette|maria marijke|maria mary marie masha marija marja mariya
mariia maruska marika mari mimi manya maricha marysia majka|maria mieke|maria ria|maria riet|mariana mari|mariangela
angela|marianne janne mariana|marie mary maria mimi mitzi maja|marin marinica|marina maryna mari|marinka
marina|marinus rien rinus|mario marius|mark marc marcus marco marek markku markus marko marcos|marlene marli lene|maro
maria|marta martha marty martita martuska|martha marty patty marta marthe|martin marty marten morten maarten tin
martinus martino marcin martins marton marti tino merten mart|martina tina marti martyna|martina tineke|marusya
maria|marwan merwan|mary maria marie molly polly mamie may mae maire moira mimi|maryam mariam meryem miriam|masoud
massoud mesut|mate matija|mateo teo|mateusz matthew mati matt|mathieu matt matthieu|matilda tilly mathilde matty tilda
maud matylda|matteo teo|matthew matt matthias mateo matteo mathew matty matthijs matyas mats matheus matej mateusz
mathieu matias mathias thijs maciej matvey matti matei mattia matas|matthias matt mathias matze hias thies
mattis|mattie matilda|maurice mo maurizio moritz mauricio moris maurits|mauricio mau|maurizio mauri|maximilian max
maximiliano maxi maximilien maksymilian|maxwell max|megan meg|mehdi mahdi|mehmet mehmed|mehmet memo|melanie mel
mela|melissa mel missy meli|memduh memo|menachem meni|merce mercedes|mercedes merche mercy meche|michael mike mick
mickey mikhail miguel michel mikael misha mikey micheal mikel mihail mihai mihaly michal mykhailo mykhaylo mychal
mischa micha mik mikko michalis mixalis mishka misko michiel miki mihajlo mikka micky mitch mihael mikkel mihalis
michail miquel maikel chiel machiel|michal misiek michael|michel mitch mich michou|michele lele michael|michelle
shell|michelle shelly mich chelle micheline|michi michael|michi michaela|miep maria|mietek mieczyslaw|miguel migue
miki michael micky|mihaela miha|mihai mihail misu michael|mihaita mihai|mihaly misi michael|mikael micke|mikhail misha
michael mihail mykhailo mishanya|miklos nicholas miki|mikolaj nicholas mikus|milagros mila|milan milko|mildred
millie|milena mila|milorad mica|miloslav milda|miloslav milos|mimi michele|mimma domenica|mindy melinda|miriam
miri|miroslav mirek mira miro|miroslava mira|miroslaw mirek|mitchell mitch|mohammad mamad|mohammed mohamed muhammad
mohammad muhammed mohamad mehmet md mohamud muhamad muhamed mahomed magomed mohd mamadou mohammod hamada mo moh|monika
moni|montgomery monty|montserrat montse|mordechai moti|moses moshe moises moe musa|muhammet muhammed|muhd muhammad
mohammed mohamed mohammad|mundo edmundo|murad mourad|mustafa mistik|mustafa mostafa moustapha mustapha
moustafa|mustafa mus|muthukumar muthu|nabil nabeel|nadezhda nadia nadya nadiya nadja|nancy nan|nanda
fernanda|narayanan nari|nasser naser nasir|natalia natasha natalie nataliya natalya natalija nat tasha talia nata
natali nathalie nataliia|nath nathalie|nathan nate nat natan|nathaniel nathan nat nate nathanael natanael|natividad
nati|nazareno neno|necati neco|nenad nesa|nettan anette|nettie annette|niamh neve|nichola nicola|nicholas nick nicolas
nikolai nico nicky klaus niklas nicola nikolay nikolaos nikos kolya mykola nicolae nicu nikola nikolaj niklaus niek
nic niko mikolaj miklos niclas mikulas nicolaas nikolaus claus nicolo kolja nicholaos nikolas klaas nik|nicole nikki
nicky nicoletta|nicoletta nico|nige nigel|nikita nik|nikola niki|nikoloz nika niko|nils nicholas niels|nils nisse|nina
ninochka ninel|nkechinyere nkechi|noach noah|noor nour nur|nora norah eleanor honora|norbert bert norb|norberto
beto|norman norm|nuria nuri|nuria nurieta|obinna obi|octavio tavo|odysseas odysseus|oguzhan oguz|oksana ksenia oxana
xenia ksyusha|oladayo dayo|olaf olav ole olof olle|olafur oli|olakunle kunle|olawale wale|olayinka yinka|oldrich olda
ulrich|oleg oleh|olek aleksander|olga olya olha lola|oliver ollie oli olivier oliviero oliwier|olivia liv livvy
livia|olli oliver|olof olle ola|olusola sola|oluwafemi femi|oluwasegun segun|oluwaseun seun|oluwaseyi seyi|oluwatobi
tobi|oluwatosin tosin|oluwole wole|omar umar omer oumar|osama usama oussama|oscar ozzy oskar ossi|osvaldo waldo|othman
osman uthman usman ousmane|ottavia tavia|ottavio tavio|otto otho|ottoline otti|pacho francisco|pali pal|pamela
pam|panagiotis panos takis panayiotis panayotis|pantelis pantelej|paquita francisca|paraskevi vivi evi
voula|parthasarathy partha|pasquale lino pasqualino|patricia pat patty tricia trish patrizia patrycja pati
patti|patrick pat paddy patrik patrizio padraig patricio patryk pato rick|paul paolo pavel pablo pavlo pavlos pal
paulo pawel poul pauli pol pavle paulius pau paavo pavol pasha|paula paulina paola pauline pauli|pauline paula polly
paulette paulina|pavel pasha paul pavlik pavlo|pedro peter perico peyo|pekka peter|pelagia polya|penelope penny pen
popi pinelopi|per pelle peter|pere pedro peter|petar pera peter|petar pesho|peter pete piotr pierre pedro pietro pyotr
petr petter petros pieter petar petro piet piers petrus petru petya petre peder petri pjotr pjetr|peti peter|petra
peti|petronella nel|ph philip philipp|philip phillip phil philippe felipe filip filippo philipp filipe filippos felip
pip fulop|philippa pippa pip|phyllis phil|piero peter pietro|pierre pierrot|pilar pili piluca|piotr piotrek
peter|pippo filippo|piroska piri|polina polya pauline|popi kalliopi|prashant prash|prokopios prokopis|przemyslaw
przemek|purificacion puri|qasim kassem kasim qassim|rachel racheli|rachel rae rachael raquel rahel rachele|radek
radoslav radomir|radek radoslaw|radoslav rado|rafa rafaela|rafael rafa raf raphael rafi rafal raffaele|rafe
raphael|raffaele lello raf|raffaella lella|raffaella raffa|raghavendra raghu|raghunath raghu|raimund ray raymond|raisa
raya|rajendra raj raju rajinder|rajesh raj raju|rajkumar raj|ralle ralf|ramachandran ram|ramesh ram|ramon ray raymond
moncho|randall randy|randolph randy|rashid rasheed rachid|ravi ravindra|raymond ray ramon raimundo raymundo
raimondo|re renata|rebecca becky becca reba rebekah rebeka rivka|rebecca bex|reginald reg reggie rex|reinhard
reini|relu aurel|remedios reme|remigiusz remek|renata renate rena reni|reza ridha rida riza|rhiannon rhi|ricardo
rica|ricardo rick ricky richard richie rico|richard rich rick ricky dick ricardo richie riccardo ryszard rysiek
riikard rikard dickie richi rickard rik ritchie|rigoberto beto|riitta brita|robert rob bob bobby robbie bert roberto
rab robbert robrecht robb roope|roberta bobbie robbie|roberto beto tito rob bob robby berto|robin rob|robt
robert|rocio chio|rodney rod|rodolfo fito rudy rodo|rodrigo digo|rodrigo rodri ruy rod roy|rogelio roger royer|roger
rog ruggero rutger rogelio ruediger|rohit ro|roland rolando orlando rollo rolly rolle|roman roma romek romain
romano|ronald ron ronnie ronaldo|rosa rosie rose rosita rosina|rosalind ros roz|rosario charo chayo|rosemary rose
rosie romy rosamaria rosemarie|rosi rosemarie|rostislav rostik slava|roswitha rosi|rosy rosaria|roula stavroula|roxana
roxy roxanne|rozalia rozi|ruben reuben rube|rudiger rudi|rudolf rudy rudi ruedi rodolfo dolf rudolph|rumen rumi|rupert
ruprecht|rusik ruslan|ruslan rus|russell russ rusty|ruth ruti|saeed said saaid saied|salvador salva chava
sal|salvatore toto turi sal salvo tore sasa|samantha sam sammie|samir sameer|saml samuel|samuel sam sammy samuele samu
shmuel sami|sandeep sandy|sandor sanyi|sandra sandy|sandrine alexandrine|sanjay sanju|santiago santi chago tiago
yago|sara sarah sally sadie sarita sarka|sarah sara sally sadie sari|sashko oleksandr aleksandr|savvas savas|sayed
sayyid syed|seamus james shay|sean seaneen|sebastian seb bastian sebastien sebastiano basti seba sebas sebastiaan bas
sebastiao bastien sevastian|sebastian wastl basti|sebastiano nello|sebastiao tiao|senthil senthilkumar|senya
semyon|serafim sera|sergey sergei sergio serge seryozha sergiu sergiy serhiy sergii sergej serhii serezha sergi
serg|shaikh sheikh|shanmugam shan|sharif cherif sherif|sharon shari shaz|sheila shelagh|shimon shimi|shinichi
shin|shlomo shlomi|shlomo solomon|siddharth sid siddhartha|siddhu siddharth|sidney sid sydney|siegfried siggi
sigi|sieglinde linde|sigmund zygmunt zsigmond|sigridur sigga|sigurd siggi|sigurdur siggi|silvester sylvester
silvestre|silvia sylvia silvie sylwia|silviya sisi|simo simone|simon simeon shimon szymon semyon simao simun symon
symeon sy|simona simone mona|siobhan chevonne|sjors georgius|slava svyatoslav|slavek slavomir|slawomir slawek|socorro
coco|sofia sophia sofie sophie zofia zosia sonya sonia sofija zsofia sofya fia zofka|soledad sole marisol|solomon sol
sal|sonja sonia sonya sophia|sotirios sotiris|soula anastasia|spyridon spyros spiros|srinivas srini srinivasan seenu
vasu|stan constantijn|stanislav slava stas stano standa stanislaw|stanislaw staszek stach stas stan|stanislawa
stasia|stanley stan|stavros steve|stefan fane|stefan stephan stefano steven stephen steffen stef|stefania stefi fani
stephanie|stefanos steve stephen stef stefan|stefek stefan|stella estela estella|stepan stepanek stephen marketa
margaret|stephane steph|stephanie steph stef stefania stefanie steffi stephania|stephen steven steve stefan stephan
esteban stefano stevie etienne istvan stefanos stepan estevao stephane staffan szczepan stevan stijn stefaan stipe ste
esteve estefan|sterling ster|stevan stephen steva|stewart stuart stu|stipe stjepan|stjepan stephen|stoyan
stoyko|styliani stella|stylianos stelios|styopa stepan|subramanian subbu mani subramaniam|suleiman sulaiman soliman
suleyman slimane|suleyman sulo|sunny sunil|suresh suri|susan sue susie suzanne suzy susanna susanne susannah susana
suse zuzana zsuzsanna zsuzsa zsuzsi zuzanna shoshana susi sanna sanne suzana zsuzska zuzka sukie suzette|sussi
susanne|sven svend svein svante|svenne sven|svetlana sveta svitlana lana svetla|sylvester sly|szymek szymon|tadeusz
tadek thaddeus|tadhg timothy|takeshi tak|tamara tammy tomka toma tami|tamas tomi|taras tarasik|tariq tarek tarik|tati
tatiana|tatiana tanya tania tatyana tetiana tetyana tatjana tanja tata|tel terence|tema artem|temitope tope|teodoro
teo|terence terrence terry terrance|teresa renia|teresa theresa terry tess tessa therese teresita tere terezia tereza
resi terka theresia|terez teri|th thomas theodor|thaddeus thad tadeusz tadeo|thea dorothea theodora|theo theodor
theodorus|theobald theo|theodora dora theodoti|theodore ted teddy theo theodoros fyodor teodor teodoro theodor
thodoris fedor teodors tivadar|theresa tessie|thiago tiago|thirumalai thiru|thomas tom tommy tomas tommaso tomasz
tomek tamas toma tomaz foma thom tomaso maso tuomas masi tome thos|thorunn tota|tibi tibor|tiffany tiff|tihomir
tiho|tilman till|tima timofey|timoteo teo|timothy tim timmy timo timotheus timofey timofei timoteo|tini martina|tobbe
torbjorn|tobias tobbe|tobias toby tobi tobie|todor tosho theodore|tof christophe|tomas tomi tomasek thomas|tomislav
tomo|tommaso masino|tomohiro tomo|toon antoon|toos catharina|torsten thorsten torstein|toto antonio|tracey trace|trev
trevor|trinidad trini|tzvi zvi|uchenna uche|uffe ulf|ulrich uli ulli udo ueli|ulrike ulli rike uli|urban urbano|ursula
uschi ulla ursel orsolya orsi urszula ula ulli|vale valerio|valentin valik|valentin valya valek tin valentino
balint|valentina valya vale tina|valerie val|valery valera valeriy valeri valerii|vali valentin|vasi vasile|vasil
vasily vasile vasilis vassilis vasilios vasyl basil bill vasko vasya vasiliy vasilii basile|vasile vasilica|vasileios
vasilis|vasiliki vaso vicky|vassilis vasileios|venceslav ventsi|venkatesh venkat venky|vera verochka vierka|verca
veronika|veronica ronnie nika vero veronika veronique vroni|veronika nika werka|vicente chente vincent vince|vicky
vikram|victor vic viktor vitya vittorio vico wiktor vito|victoria vicky vicki tori viktoria vika viktoriya vicka viki
wiktoria|vijay viju|vijayakumar vijay|vincent vince vinny vincenzo vicente vinnie wincenty vin|vincenza enza|vincenzo
enzo cenzo vince vicenzo|vinicius vini|violeta viole|virginia ginny gina virginie|visitacion visi|vitaly vitali
vitaliy vitalik vitalii|vittoria vicky|vivi viviane|vivian viv|vivien vivian|vladimer lado|vladimir vlad volodya
wladimir volodymyr vova vladimiros wlodzimierz wlodek vlado vlada wolodymyr|vladislav vlad vladik ladislav slava
wladyslaw vladyslav|vlastimil vlasta|vojtech vojta adalbert|vuk vule|vyacheslav slava vjaceslav viacheslav|waldemar
waldek valdemar|walid waleed oualid|walter walt wally walther valter gualtiero wat wolter wout|waltraud traudl
walli|wanda wandzia|wenceslas vaclav vasek venca vaclavek|wesley wes|wieslaw wiesiek|wilhelm william willi willy wim
bill guglielmo vilmos vilem will wil willem|wilhelmina mina willa minnie wilma mien|willem wim will bill pim
william|william will bill billy willie liam guillermo guillaume wilhelm willem willy wil gwilym uilleam guglielmo
bil|winifred winnie|witold witek vit|wladyslaw wladek|wm william|wojciech wojtek adalbert|wolfgang wolf wolfi
wulf|wolfgang wolle|wouter walter wout|xav xavier|xavier xavi javier xabi saverio zaver|yaakov kobi koby|yahya yehia
yahia|yakov yasha jacob jakov yankel|yaroslav slava yarik jaroslav|yasmin yasmine yasmeen jasmin jasmine
yasemin|yehoshua shuki|yehuda yuda judah|yitzhak itzhak isaac itzik|yolanda yoli jolanta jolanda iolanda|yordan
dancho|yoshiro yoshi|younes yunus younis|youssef yousef yusuf youcef yusef youssouf yousuf joseph yosef yousif jusuf
yusif|yulia julia yuliya julya iuliia|yuri george yury yura yuriy yurii iurii jurij iuri juri|zachary zach zack
zachariah zak zacharias zakary|zakaria zakariya|zbigniew zbyszek|zdenek zdena|zdzislaw zdzisiek|zeev zev|zeinab zaynab
zainab zeynep|zeljko zelja|zenon zenek|zeynep zeyno|zinaida zina|zoe zoey|zoltan zoli|zoran zoki|zsigmond zsiga|zsofia
zsofi|zsolt zsolti|zvonimir zvone|zygmunt zyga sigmund
"""

_TWO_WORDS = """
chema jose maria|txema jose maria|juanma juan manuel|juanjo juan jose|juanfran juan francisco|juancar juan
carlos|josema jose manuel|joselu jose luis|luisma luis maria|josemi jose miguel|maribel maria isabel|marisa maria
luisa|marilu maria luisa|maite maria teresa|mayte maria teresa|marite maria teresa|marijose maria jose|mariajo maria
jose|marisol maria soledad|maricarmen maria carmen|mamen maria carmen|mariluz maria luz|malu maria lourdes|malu maria
luisa|marilo maria dolores|mabel maria isabel|mila maria milagros|hajo hans joachim|hape hans peter|kalle karl
heinz|klausi klaus juergen|heinzi karl heinz|gianni gian carlo|pierre pier luigi|gianpi gian piero|pigi pier
giorgio|zeluis jose luis|zeca jose carlos|malou marie louise|marlou marie louise|marlies maria elisabeth|annemieke
anna maria|annemie anna maria|marike maria henrike|marlene maria magdalena|janpi jan pieter|jp jean pierre|jb jean
baptiste|jc jean claude|jm jean marc|jf jean francois|jl jean luc|mj mary jane|lisanne elisabeth anne|nano jose
ignacio|cadu carlos eduardo|kadu carlos eduardo|malu maria luiza|malu maria lucia|majo maria jose|marilu maria
luz|marilu maria lucia|luisfer luis fernando|juampi juan pablo|juanpa juan pablo|hansjorg hans jorg|hansjorg johann
georg
"""


def _index() -> dict[str, frozenset[int]]:
    families: dict[str, set[int]] = {}
    for number, family in enumerate(_FAMILIES.split("|")):
        for name in family.split():
            families.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in families.items()}


def _pairs() -> dict[str, tuple[tuple[str, ...], ...]]:
    pairs: dict[str, list[tuple[str, ...]]] = {}
    for entry in _TWO_WORDS.split("|"):
        name, *words = entry.split()
        pairs.setdefault(name, []).append(tuple(words))
    return {name: tuple(found) for name, found in pairs.items()}


FAMILIES = _index()
"""From a given name to the numbers of its families."""

TWO_WORDS = _pairs()
"""From a short form to the pairs of given names that it stands for: Chema is José María."""

_GIVEN = frozenset(FAMILIES) | ALSO_GIVEN


def one_origin(one: str, other: str) -> bool:
    """Whether two given names are of one family, be they two people's or not."""
    mine = FAMILIES.get(one)
    return mine is not None and not mine.isdisjoint(FAMILIES.get(other, ()))


def same_name(one: str, other: str) -> bool:
    """Whether one of two given names can stand for the other."""
    return one_origin(one, other) and not two_names(one, other)


def is_given_name(word: str) -> bool:
    """Whether a word is known as a given name (it may be a surname all the same)."""
    return word in _GIVEN
